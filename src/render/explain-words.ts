/** What every rendering of an explanation says in the same words. */
import type { ExplainedFacet, Explanation, LastAction, Standing, Verdict } from '../model/explanation.ts';
import type { PlanValue } from '../model/plan.ts';
import { type Sign, signOf } from './change-phrase.ts';
import { foreign, type Phrase } from './phrase.ts';
import { reasonWords } from './plan-blocks.ts';
import { counted, grouped, isMap, minute, valueText } from './words.ts';

/** `enabled off → on`, `CORP\x member`; of what has not been seen: `enabled declared on`. */
export function facetPhrase(facet: ExplainedFacet): Phrase {
  const { desired, observed, verdict } = facet;
  if (facet.about === 'account' && facet.property === 'password') return [passwordWords(facet)];
  const head = headOf(facet);
  const now = statePhrase(facet, observed);
  const declared = statePhrase(facet, desired);
  switch (verdict) {
    case 'met':
    case 'left':
    case 'undeclared':
      return [...head, ...now];
    case 'unknown':
      return [...head, 'declared ', ...declared];
    case 'differs':
    case 'held':
    case 'waits':
      return [...head, ...now, ' → ', ...declared];
  }
}

/** `password 31 days old → at most 30 days`, `password 19 days old`; of one that nobody knows the age of: `password`. */
function passwordWords({ desired, observed, verdict }: ExplainedFacet): string {
  const [most, age] = [daysIn(desired), daysIn(observed)];
  const now = age === null ? 'password' : `password ${counted(age, 'day')} old`;
  if (most === null || verdict === 'met' || verdict === 'left') return now;
  const declared = `at most ${counted(most, 'day')}`;
  return verdict === 'unknown' ? `password declared ${declared}` : `${now} → ${declared}`;
}

function daysIn(value: PlanValue): number | null {
  const days = isMap(value) ? value['days'] : null;
  return typeof days === 'number' ? days : null;
}

function headOf({ about, subject, property }: ExplainedFacet): Phrase {
  if (about === 'group') {
    const { member = null, name = null } = subject;
    if (member === null) return ['the group '];
    return name === null || name === member ? [foreign(member), ' '] : [foreign(name), ' '];
  }
  if (property !== null) return [foreign(property), ' '];
  return about === 'computer' ? ['record '] : [];
}

function statePhrase({ about, property }: ExplainedFacet, value: PlanValue): Phrase {
  if (about === 'group' && value === 'absent') return ['no member'];
  if (about === 'group' && value === 'jita') return ['member for a time'];
  if (about === 'group' && value === 'session') return ['member in a session'];
  if (property === null && typeof value === 'string') return [value];
  return [foreign(valueText(value))];
}

export function facetSign({ verdict, change }: ExplainedFacet): Sign | '=' | '!' | '·' | '?' {
  switch (verdict) {
    case 'met':
      return '=';
    case 'differs':
      return change === null ? '~' : signOf(change);
    case 'held':
      return '!';
    case 'waits':
      return '~';
    case 'left':
    case 'undeclared':
      return '·';
    case 'unknown':
      return '?';
  }
}

/** Why it stands so, in two or three words. */
export function verdictWords({ verdict, reason, held }: ExplainedFacet): string {
  if (verdict === 'differs') return reason === null ? '' : reasonWords(reason);
  if (verdict === 'held') return held === null ? 'held with the device' : `guard: ${held.guard}`;
  return verdictText[verdict];
}

const verdictText: Readonly<Record<Exclude<Verdict, 'differs' | 'held'>, string>> = {
  met: 'as declared',
  waits: 'with another change',
  left: 'left alone',
  undeclared: 'not declared',
  unknown: 'not seen',
};

const standingText: Readonly<Record<Exclude<Standing, 'compared'>, string>> = {
  held: 'held back whole',
  unselected: 'no policy selects it',
  ignored: 'enforcement is ignore',
  'not-windows': 'it does not run Windows',
  'not-enrolled': 'no ComputerPolicy enrolls it',
};

const counts: readonly (readonly [verdict: Verdict, words: string])[] = [
  ['differs', 'to change'],
  ['waits', 'with another change'],
  ['held', 'held back'],
  ['unknown', 'not seen'],
  ['met', 'as declared'],
  ['left', 'left alone'],
  ['undeclared', 'not declared'],
];

/** The last line: `SRV-1: 2 to change, 1 held back, 9 as declared.` */
export function explainVerdict({ device, standing, facets, plan }: Explanation): Phrase {
  const parts = counts.flatMap(([verdict, words]) => {
    const count = facets.filter((facet) => facet.verdict === verdict).length;
    return count === 0 ? [] : [`${grouped(count)} ${words}`];
  });
  const all = [...(standing === 'compared' ? [] : [standingText[standing]]), ...parts];
  const end = plan.refusal === null ? '.' : '. Refused: nothing is sent.';
  return [foreign(device), `: ${all.length === 0 ? 'nothing is declared of it' : all.join(', ')}${end}`];
}

/** `apply of 2026-03-02 09:20Z by ann@host: failed` */
export function lastActionPhrase({ name, run, intendedAt, outcome, actionId }: LastAction): Phrase {
  const id = actionId === null ? [] : [`, action ${actionId} of Tanium`];
  const of: Phrase =
    run === null ? [`, ${minute(intendedAt)}`] : [`, ${run.kind} of ${minute(run.startedAt)} by `, foreign(run.by)];
  return [foreign(name), ...id, ...of, `: ${outcomeText[outcome]}`];
}

const outcomeText: Readonly<Record<LastAction['outcome'], string>> = {
  'under way': 'under way',
  pending: 'not answered yet',
  failed: 'failed on this device',
  done: 'done',
};

export function settingText(value: PlanValue): string {
  return typeof value === 'number' ? counted(value, 'second') : valueText(value);
}

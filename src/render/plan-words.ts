/** What every rendering of a plan says in the same words. */
import {
  type AskedPasswords,
  contentKinds,
  isOver,
  type Only,
  type Plan,
  type PlannedChange,
  type PlannedWave,
  type PlanScan,
} from '../model/plan.ts';
import { isOnDevice } from './change-phrase.ts';
import { foreign, type Phrase } from './phrase.ts';
import { age, counted, duration, grouped, minute } from './words.ts';

/** `9,812 of 9,950 devices answered`; zero devices are no data, never a share (#139). */
export function scanWords({ at, ageSeconds, expected, answered }: PlanScan): readonly [scan: string, answered: string] {
  if (at === null) return ['no scan', 'no data'];
  const scan = `scan ${minute(at)} (${age(ageSeconds)})`;
  if (expected === 0) return [scan, 'no data: no device was expected'];
  return [scan, `${grouped(answered)} of ${counted(expected, 'device')} answered`];
}

/** Null: no device is in scope. */
export function scopeWords({ selected, observed, unmatched }: PlanScan): string | null {
  const words: string[] = [];
  if (selected > 0) words.push(`${counted(selected, 'device')} selected by policies`, `${grouped(observed)} observed`);
  if (unmatched > 0) words.push(`${grouped(unmatched)} known to Tanium and not to NPS-D`);
  return words.length === 0 ? null : words.join(' · ');
}

/** Null: the plan changes nothing. */
export function effortWords({ changes, actions, bounds }: Plan): string | null {
  if (changes.length === 0) return null;
  const onDevices = sumOf(changes.filter(({ kind }) => isOnDevice(kind)));
  const content = sumOf(changes.filter(({ kind }) => contentKinds.includes(kind)));
  const records = sumOf(changes.filter(({ kind }) => !isOnDevice(kind))) - content;
  const before = [
    ...(content === 0 ? [] : [counted(content, 'change of content', 'changes of content')]),
    ...(records === 0 ? [] : [counted(records, 'change of records', 'changes of records')]),
  ].join(' and ');
  if (actions.length === 0) return `no action: ${before}`;
  const certificate = bounds.optimal ? `${grouped(bounds.lowerBound)}: optimal` : grouped(bounds.lowerBound);
  const effort = `${counted(actions.length, 'action')} for ${counted(onDevices, 'device change')} (lower bound ${certificate})`;
  return before === '' ? effort : `${effort}, after ${before}`;
}

function sumOf(changes: readonly PlannedChange[]): number {
  return changes.reduce((sum, { devices }) => sum + Math.max(1, devices.length), 0);
}

/** `canaries (5 devices) → 10% (28 devices) → rest (240 devices held), gate 99 % within 20 min`; null: there are none. */
export function wavesPhrase({ rollout }: Plan): Phrase | null {
  const [first, ...others] = rollout?.waves ?? [];
  if (rollout === undefined || first === undefined) return null;
  const shown = others.slice(0, mostWaves - 1);
  const left = others.length - shown.length;
  const { gate } = rollout;
  const between = gate === null ? '' : `, gate ${gate.percent} % within ${duration(gate.withinSeconds * 1000)}`;
  const more = left === 0 ? '' : ` → ${counted(left, 'more wave')}`;
  return [...wavePhrase(first), ...shown.flatMap((wave) => [' → ', ...wavePhrase(wave)]), more, between];
}

/** Of any number of waves so many are told; all of them are in the JSON. */
const mostWaves = 20;

function wavePhrase({ name, devices, held }: PlannedWave): Phrase {
  const all = counted(devices, 'device');
  const how =
    held.length === 0 ? all : held.length === devices ? `${all} held` : `${all}, ${grouped(held.length)} held`;
  return [foreign(name), ` (${how})`];
}

/** Empty: the run spends nothing. */
export function budgetWords({ budgets }: Plan): { readonly text: string; readonly over: boolean }[] {
  return budgets
    .filter(({ used }) => used > 0)
    .map((budget) => {
      const { name, used, earlier, limit } = budget;
      const before = earlier === 0 ? '' : ` (${grouped(earlier)} more in the 24 hours before)`;
      return { text: `${name} ${grouped(used)} of ${grouped(limit)}${before}`, over: isOver(budget) };
    });
}

/** `only policy=breakglass`, as the command line has it; null: the plan is of everything. */
export function onlyPhrase({ only, rotate }: Pick<Plan, 'only' | 'rotate'>): Phrase | null {
  const phrase: Phrase[] = [];
  if (rotate !== undefined) phrase.push(...rotatePhrases(rotate));
  if (only !== null) {
    phrase.push('policy' in only ? ['only policy=', foreign(only.policy)] : ['only device=', foreign(only.device)]);
  }
  return phrase.length === 0 ? null : phrase.flatMap((part, index) => (index === 0 ? part : ['   ', ...part]));
}

/** `rotate --policy breakglass --now` */
function rotatePhrases({ policy, device, account, now }: AskedPasswords): Phrase[] {
  const named: (readonly [string, string | null])[] = [
    ['policy', policy],
    ['device', device],
    ['account', account],
  ];
  const options = named.flatMap(([name, value]): Phrase => (value === null ? [] : [` --${name} `, foreign(value)]));
  return [['rotate', ...options, now ? ' --now' : '']];
}

/** The last line: what would be done, or how much can be said of a fleet of which nothing is to be changed. */
export function verdict(plan: Plan): string {
  const { changes, summary, refusal } = plan;
  const end = refusal === null ? '' : ' Refused: nothing is sent.';
  if (changes.length === 0) return `No changes. ${unchangedWords(plan)}${end}`;
  const { create, change, remove, rotate, held } = summary;
  const counts =
    `${grouped(create)} to create, ${grouped(change)} to change, ${grouped(remove)} to remove, ` +
    `${grouped(rotate)} to rotate, ${grouped(held)} held back.`;
  return `Plan: ${counts}${end}`;
}

function unchangedWords({ scan, summary, pending, only, rotate }: Plan): string {
  const held = summary.held === 0 ? '' : ` ${grouped(summary.held)} held back.`;
  const waiting = pending.length === 0 ? '' : ` ${counted(pending.length, 'device')} pending.`;
  const whole = only === null && rotate === undefined && summary.held + pending.length === 0;
  return `${observedWords(scan, whole)}${narrowWords(only, rotate)}${held}${waiting}`;
}

/** Of what was left out nothing is said, be it as declared or not. */
function narrowWords(only: Only | null, rotate: AskedPasswords | undefined): string {
  if (rotate !== undefined) return ' Only passwords were looked at.';
  if (only === null) return '';
  return 'policy' in only ? ' Only one policy was looked at.' : ' Only one device was looked at.';
}

function observedWords({ at, selected, observed }: PlanScan, all: boolean): string {
  if (selected === 0) return at === null ? 'No data: nothing was scanned.' : 'No data: no device is in scope.';
  if (observed === 0) return `No data: none of ${counted(selected, 'device')} in scope was observed.`;
  const seen = `${grouped(observed)} of ${counted(selected, 'device')} in scope observed`;
  return all ? `${seen}, as declared.` : `${seen}.`;
}

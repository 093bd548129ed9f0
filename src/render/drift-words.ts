/** Drift records in words: what was found, in which state it is, why, since when. */
import type { DriftCause, DriftRecord, DriftState } from '../model/drift.ts';
import { compareText } from '../model/sid.ts';
import { groupPart, headPhrase, memberPhrase, type WithSid } from './change-phrase.ts';
import { foreign, type Phrase } from './phrase.ts';
import { counted, grouped, minute, valueText } from './words.ts';

/** States in which somebody still has to do something; the others come after them. */
export const openStates: readonly DriftState[] = ['open', 'contested', 'pending'];
const stateOrder: readonly DriftState[] = [...openStates, 'accepted', 'resolved'];

/** Open ones first, then by device; the same records always in the same order. */
export function sortedDrift(records: readonly DriftRecord[]): DriftRecord[] {
  return records.toSorted(
    (a, b) =>
      stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state) ||
      compareText(a.device, b.device) ||
      compareText(a.policy, b.policy) ||
      compareText(a.kind, b.kind) ||
      compareText(a.id, b.id),
  );
}

/** What JSON tells of a record wherever it tells of one; what only the store needs stays in the store. */
export function toldOf(record: DriftRecord): ToldDrift {
  const { policy, kind, subject, state, cause, actor, firstSeen, lastSeen, count } = record;
  const { at = null, log = null } = record;
  return { policy, kind, subject, state, cause, actor, at, log, firstSeen, lastSeen, count };
}

type ToldDrift = Pick<
  DriftRecord,
  'policy' | 'kind' | 'subject' | 'state' | 'cause' | 'actor' | 'firstSeen' | 'lastSeen' | 'count'
> & { readonly at: string | null; readonly log: DriftRecord['log'] | null };

type Found = Pick<DriftRecord, 'kind' | 'subject' | 'check'>;

/** What is there, not what is to be done: `CORP\contractor-x is in Administrators`. */
export function foundPhrase({ kind, subject, check }: Found, withSid: WithSid): Phrase {
  const account = foreign(subject['account'] ?? '');
  switch (kind) {
    case 'group.add':
      return [...memberPhrase(subject, withSid), ' is not in ', groupPart(subject)];
    case 'group.remove':
      return [...memberPhrase(subject, withSid), ' is in ', groupPart(subject)];
    case 'account.create':
      return ['account ', account, ' is missing'];
    case 'account.delete':
      return ['account ', account, ' is there'];
    case 'account.enable':
      return ['account ', account, ' is disabled'];
    case 'account.disable':
      return ['account ', account, ' is enabled'];
    case 'account.unlock':
      return ['account ', account, ' is locked'];
    case 'account.rename':
      return ['account ', account, ' has another name'];
    case 'password.rotate':
      return ['password of ', account, ' is not one that is held'];
    case 'compliance.check':
      return checkPhrase(subject['check'] ?? '', check);
    default:
      return [...headPhrase(kind, subject, withSid), ' differs'];
  }
}

/** A check is often called after its item. */
function checkPhrase(id: string, check: DriftRecord['check']): Phrase {
  if (check === undefined) return ['check ', foreign(id), ' fails'];
  const { path, found, severity } = check;
  const name: Phrase = id === path ? [] : [foreign(id), ': '];
  return [...name, foreign(path), ' is ', foreign(valueText(found)), ` (${severity})`];
}

type Caused = Pick<DriftRecord, 'cause' | 'actor' | 'at' | 'log'>;

/** `outside change by CORP\helpdesk-7, 2026-03-01 17:20Z`; where the log was asked in vain, it says so. */
export function causePhrase({ cause, actor, at, log }: Caused): Phrase {
  const words = causeWords[cause];
  if (actor !== null) return [`${words} by `, foreign(actor), at === undefined ? '' : `, ${minute(at)}`];
  if (log === undefined) return [words];
  return [`${words}, unattributed${log === 'part' ? ' (the log could not be read whole)' : ''}`];
}

const causeWords: Readonly<Record<DriftCause, string>> = {
  'outside-change': 'outside change',
  'failed-action': 'failed action',
  'other-manager': 'other manager',
  'snapshot-revert': 'snapshot revert',
  unknown: 'cause unknown',
};

/** `since 2026-03-02 09:14Z, 3 times`; of what is over, also when it was last seen. */
export function timeWords({
  state,
  firstSeen,
  lastSeen,
  count,
}: Pick<DriftRecord, 'state' | 'firstSeen' | 'lastSeen' | 'count'>): string {
  const times = count > 1 ? `, ${grouped(count)} times` : '';
  if (state !== 'resolved') return `since ${minute(firstSeen)}${times}`;
  return `${minute(firstSeen)} to ${minute(lastSeen)}${times}`;
}

/** The last line: `Drift: 3 open, 1 pending, 2 resolved, on 4 devices.` */
export function driftVerdict(records: readonly DriftRecord[]): string {
  if (records.length === 0) return 'No drift is on record.';
  const parts = stateOrder.flatMap((state) => {
    const count = records.filter((record) => record.state === state).length;
    return count === 0 && state !== 'open' ? [] : [`${grouped(count)} ${state}`];
  });
  const devices = new Set(records.map(({ computerId }) => computerId)).size;
  return `Drift: ${parts.join(', ')}, on ${counted(devices, 'device')}.`;
}

/** What a change does, in words; each renderer adds its own colours and escapes. */
import type { ChangeKind, PlannedChange, PlanValue, Subject } from '../model/plan.ts';
import type { Style } from './paint.ts';
import { type Foreign, foreign, type Phrase } from './phrase.ts';
import { localGroupName } from './sid-names.ts';
import { counted, entriesOf, isMap, valueText } from './words.ts';

export type Sign = '+' | '-' | '~' | '↻';

export function signOf(kind: ChangeKind): Sign {
  switch (kind) {
    case 'account.create':
    case 'computer.enroll':
    case 'provider.create':
    case 'content.create':
    case 'group.add':
      return '+';
    case 'group.remove':
    case 'account.delete':
      return '-';
    case 'password.rotate':
      return '↻';
    default:
      return '~';
  }
}

const styles: Readonly<Record<Sign, Style>> = { '+': 'add', '-': 'remove', '~': 'change', '↻': 'change' };

export function styleOf(kind: ChangeKind): Style {
  return styles[signOf(kind)];
}

/** What removes, deletes or disables, be it a protection: a reader must have seen these before saying yes. */
export function takesAway({ kind, to }: Pick<PlannedChange, 'kind' | 'to'>): boolean {
  switch (kind) {
    case 'group.remove':
    case 'account.delete':
    case 'account.disable':
      return true;
    case 'toggle.set':
    case 'provider.set':
    case 'computer.set':
      return to === false || to === 'Disabled';
    default:
      return false;
  }
}

/** True for what is changed on devices, false for a record of NPS-D. */
export function isOnDevice(kind: ChangeKind): boolean {
  return kind.startsWith('group.') || kind.startsWith('account.') || kind.startsWith('password.');
}

const executionOrder: readonly ChangeKind[] = [
  'toggle.set',
  'provider.create',
  'provider.set',
  'option.set',
  'content.create',
  'content.update',
  'computer.enroll',
  'computer.set',
  'account.create',
  'password.rotate',
  'account.enable',
  'account.unlock',
  'account.rename',
  'account.set',
  'group.add',
  'group.remove',
  'account.disable',
  'account.delete',
];

/** In the order in which a device is changed: what gives access before what takes it. */
export function compareKinds(a: ChangeKind, b: ChangeKind): number {
  return executionOrder.indexOf(a) - executionOrder.indexOf(b);
}

/** Tells a principal by its SID too, always or where a name is not enough. */
export type WithSid = (subject: Subject) => boolean;

/** `CORP\WS-Admins → Administrators`, `account corp_breakglass enabled off → on`; the sign is not part of it. */
export function changePhrase(
  change: Pick<PlannedChange, 'kind' | 'subject' | 'from' | 'to'>,
  withSid: WithSid,
): Phrase {
  const { kind, subject, from, to } = change;
  const becomes = [' ', foreign(valueText(from)), ' → ', foreign(to === null ? '(removed)' : valueText(to))];
  return [...headPhrase(kind, subject, withSid), ...(showsValues(kind) ? becomes : [])];
}

/** The same without the values: what a change of this kind and subject is about. */
export function headPhrase(kind: ChangeKind, subject: Subject, withSid: WithSid): Phrase {
  switch (kind) {
    case 'toggle.set':
      return ['toggle ', part(subject, 'toggle')];
    case 'provider.create':
      return ['provider record'];
    case 'provider.set':
      return [part(subject, 'field')];
    case 'option.set':
      return ['options.', part(subject, 'option')];
    case 'content.create':
    case 'content.update':
      return [
        'content ',
        foreign(
          Object.values(subject)
            .filter((text) => text !== null)
            .join(' '),
        ),
      ];
    case 'computer.enroll':
      return ['computer record'];
    case 'computer.set':
      return [part(subject, 'field')];
    case 'account.create':
    case 'account.delete':
      return ['account ', part(subject, 'account')];
    case 'account.enable':
    case 'account.disable':
      return ['account ', part(subject, 'account'), ' enabled'];
    case 'account.unlock':
      return ['account ', part(subject, 'account')];
    case 'account.rename':
      return ['account ', part(subject, 'account'), ' name'];
    case 'account.set':
      return ['account ', part(subject, 'account'), ' ', part(subject, 'property')];
    case 'group.add':
      return [...memberPhrase(subject, withSid), ' → ', groupPart(subject)];
    case 'group.remove':
      return [...memberPhrase(subject, withSid), ' ← ', groupPart(subject)];
    case 'password.rotate':
      return ['password ', part(subject, 'account')];
  }
}

function showsValues(kind: ChangeKind): boolean {
  switch (kind) {
    case 'toggle.set':
    case 'provider.set':
    case 'option.set':
    case 'computer.set':
    case 'content.update':
    case 'account.enable':
    case 'account.disable':
    case 'account.unlock':
    case 'account.rename':
    case 'account.set':
      return true;
    default:
      return false;
  }
}

/** As one does it: `add CORP\WS-Admins to Administrators`, `disable account corp_breakglass`. */
export function deedPhrase(kind: ChangeKind, subject: Subject, withSid: WithSid): Phrase {
  switch (kind) {
    case 'group.add':
      return ['add ', ...memberPhrase(subject, withSid), ' to ', groupPart(subject)];
    case 'group.remove':
      return ['remove ', ...memberPhrase(subject, withSid), ' from ', groupPart(subject)];
    case 'account.create':
      return ['create account ', part(subject, 'account')];
    case 'account.delete':
      return ['delete account ', part(subject, 'account')];
    case 'account.enable':
      return ['enable account ', part(subject, 'account')];
    case 'account.disable':
      return ['disable account ', part(subject, 'account')];
    case 'account.unlock':
      return ['unlock account ', part(subject, 'account')];
    case 'account.rename':
      return ['rename account ', part(subject, 'account')];
    case 'password.rotate':
      return ['rotate password of ', part(subject, 'account')];
    case 'computer.enroll':
    case 'provider.create':
    case 'content.create':
      return ['create ', ...headPhrase(kind, subject, withSid)];
    default:
      return ['set ', ...headPhrase(kind, subject, withSid)];
  }
}

export function groupPart(subject: Subject): string | Foreign {
  const sid = subject['group'] ?? '';
  return localGroupName(sid) ?? foreign(sid);
}

export function memberPhrase(subject: Subject, withSid: WithSid): Phrase {
  const { name = null, member = null } = subject;
  if (name === null) return [foreign(member ?? '')];
  if (member === null || member === name || !withSid(subject)) return [foreign(name)];
  return member.startsWith('S-1-') ? [foreign(name), ' (', foreign(member), ')'] : [foreign(name), ' (local)'];
}

/** Two principals that go by one name are told apart by their SIDs: a device may call its member what it likes. */
export function ambiguousNames(subjects: Iterable<Subject | null>): WithSid {
  const bearers = new Map<string, Set<string>>();
  for (const subject of subjects) {
    const name = subject?.['name']?.toLowerCase();
    const member = subject?.['member'];
    if (name === undefined || typeof member !== 'string') continue;
    const known = bearers.get(name);
    if (known) known.add(member);
    else bearers.set(name, new Set([member]));
  }
  return (subject) => (bearers.get(subject['name']?.toLowerCase() ?? '')?.size ?? 0) > 1;
}

function part(subject: Subject, key: string): Foreign {
  return foreign(subject[key] ?? '');
}

/** With what a record or an account is created: `enabled on, Description For emergencies`; empty: no creation. */
export function creationPhrase({ kind, to }: Pick<PlannedChange, 'kind' | 'to'>, whole: boolean): Phrase {
  if (signOf(kind) !== '+' || !isMap(to)) return [];
  const phrase: (string | Foreign)[] = [];
  for (const [key, value] of entriesOf(to)) {
    for (const words of fieldPhrases(key, value, whole)) {
      if (phrase.length > 0) phrase.push(', ');
      phrase.push(...words);
    }
  }
  return phrase;
}

function fieldPhrases(key: string, value: PlanValue, whole: boolean): Phrase[] {
  if (!isMap(value)) return [[foreign(key), ' ', foreign(valueText(value))]];
  const fields = entriesOf(value);
  if (!whole) return fields.length === 0 ? [] : [[`${counted(fields.length, 'value')} of `, foreign(key)]];
  return fields.map(([name, one]) => [foreign(`${key}.${name}`), ' ', foreign(valueText(one))]);
}

/**
 * Policies of equal priority that say different things of one field, on devices that may be the same. What counts as
 * the same device is said in `overlap.ts`: selectors overlap unless the contrary can be proven.
 */

import { canonicalJson } from '../../model/canonical.ts';
import { secondsOf } from '../../model/duration.ts';
import { groupSidOf } from '../compile-policies.ts';
import { type DocumentOf, ofKind, problemIn, spot, type ValidDocument } from '../document.ts';
import { mayOverlap, type Region, regionOf } from '../overlap.ts';
import { type KnownSids, principalKey, principalText } from '../principals.ts';
import type { ProblemCode } from '../problem.ts';
import { shown } from '../shown.ts';
import type { Told } from './told.ts';

/** One thing that one document says. */
interface Statement {
  readonly document: ValidDocument;
  readonly code: ProblemCode;
  /** Statements of one subject must agree; the priority is a part of it. */
  readonly subject: string;
  /** For messages: `protect`, `CORP\x in S-1-5-32-544`. */
  readonly about: string;
  readonly value: unknown;
  /** Equal for values that mean the same. */
  readonly text: string;
  readonly holder: object;
  readonly key: string;
}

export function checkContradictions(documents: readonly ValidDocument[], known: KnownSids, { errors }: Told): void {
  const whole = documents.filter(({ comparable }) => comparable);
  const bySubject = new Map<string, Map<string, Statement[]>>();
  const regions = new Map<ValidDocument, Region>();
  for (const statement of statementsIn(whole, known)) {
    const { text } = statement;
    const byValue = bySubject.get(statement.subject) ?? new Map<string, Statement[]>();
    bySubject.set(statement.subject, byValue);
    const other = firstAgainst(statement, byValue, regions);
    if (other !== null)
      errors.push(
        problemIn(statement.document, statement.code, statement.holder, statement.key, messageOf(statement, other)),
      );
    const equal = byValue.get(text);
    if (equal) equal.push(statement);
    else byValue.set(text, [statement]);
  }
}

/** Of all that contradict it, the first is named: once mended, the next look names the next. */
function firstAgainst(
  statement: Statement,
  byValue: ReadonlyMap<string, readonly Statement[]>,
  regions: Map<ValidDocument, Region>,
): Statement | null {
  for (const [value, others] of byValue) {
    if (value === statement.text) continue;
    for (const other of others) {
      if (other.document === statement.document) continue;
      if (mayOverlap(regionIn(statement.document, regions), regionIn(other.document, regions))) return other;
    }
  }
  return null;
}

function regionIn(document: ValidDocument, regions: Map<ValidDocument, Region>): Region {
  const known = regions.get(document);
  if (known !== undefined) return known;
  const { spec } = document.value;
  const region = regionOf('selector' in spec ? spec.selector : {});
  regions.set(document, region);
  return region;
}

function messageOf(statement: Statement, other: Statement): string {
  const place = spot(other.document.file, other.document.places.value(other.holder, other.key));
  const { about, document, value } = statement;
  const [here, there] = typeof value === 'object' ? ['one thing', 'another'] : [value, other.value];
  return (
    `${about} is ${String(here)} here and ${String(there)} at ${place} (${other.document.kind} ` +
    `${shown(other.document.name)}), both of priority ${priorityOf(document)}, and nothing proves that their selectors ` +
    'never match one device.'
  );
}

function priorityOf({ value: { spec } }: ValidDocument): number {
  return 'priority' in spec ? (spec.priority ?? 0) : 0;
}

function statementsIn(documents: readonly ValidDocument[], known: KnownSids): Statement[] {
  return [
    ...ofKind(documents, 'ComputerPolicy').flatMap((document) =>
      fieldsOf(document, 'computer', document.value.spec, computerFields),
    ),
    ...ofKind(documents, 'LocalAccount').flatMap(ofAccount),
    ...ofKind(documents, 'PasswordRotationPolicy').flatMap(ofRotation),
    ...ofKind(documents, 'LocalGroupMembership').flatMap((document) => ofMembership(document, known)),
  ];
}

const computerFields = [
  'enroll',
  'scan',
  'protect',
  'offlineAccess',
  'edrIntegration',
  'maxScanAge',
  'enforcement',
  'attribution',
  'recovery',
];
const accountFields = [
  'enabled',
  'unlocked',
  'fullName',
  'description',
  'passwordNeverExpires',
  'userCannotChangePassword',
  'passwordNotRequired',
  'rename',
];
const rotationFields = [
  'rotationDays',
  'retentionDays',
  'minutesAfterReveal',
  'complexity',
  'generator',
  'dependents',
  'windows',
  'recoveryKeys',
  'sink',
  'value',
];

function fieldsOf(document: ValidDocument, what: string, spec: object, fields: readonly string[]): Statement[] {
  const values = spec as Readonly<Record<string, unknown>>;
  return fields
    .filter((field) => values[field] !== undefined)
    .map((field) => statement(document, what, field, values[field], spec, field));
}

function statement(
  document: ValidDocument,
  what: string,
  field: string,
  value: unknown,
  holder: object,
  key: string,
): Statement {
  const about = what === 'computer' ? field : `${field} of ${what.slice(what.indexOf(' ') + 1)}`;
  const subject = `${document.kind} ${what} ${field} ${priorityOf(document)}`;
  const text = field === 'maxScanAge' ? String(secondsOf(String(value))) : canonicalJson(value);
  return { document, code: 'TRUEUP_POLICY_CONTRADICTION', subject, about, value, text, holder, key };
}

function accountText({ name, builtin }: { readonly name?: string; readonly builtin?: string }): string {
  return builtin === undefined ? `account ${(name ?? '').toLowerCase()}` : 'account the built-in Administrator';
}

/** What is left out is present, and that is said as well. */
function ofAccount(document: DocumentOf<'LocalAccount'>): Statement[] {
  const { spec } = document.value;
  const what = accountText(spec);
  const identity = spec.builtin === undefined ? 'name' : 'builtin';
  const key = spec.ensure === undefined ? identity : 'ensure';
  return [
    statement(document, what, 'ensure', spec.ensure ?? 'present', spec, key),
    ...fieldsOf(document, what, spec, accountFields),
  ];
}

function ofRotation(document: DocumentOf<'PasswordRotationPolicy'>): Statement[] {
  const { spec } = document.value;
  return spec.accounts.flatMap((account) => fieldsOf(document, accountText(account), spec, rotationFields));
}

function ofMembership(document: DocumentOf<'LocalGroupMembership'>, known: KnownSids): Statement[] {
  const { spec } = document.value;
  const group = groupSidOf(spec);
  return spec.members.map((member) => {
    const { access = 'persistent', sid, name } = member;
    const key = sid === undefined ? (name === undefined ? 'builtin' : 'name') : 'sid';
    return {
      document,
      code: 'TRUEUP_MEMBER_CONTRADICTION',
      subject: `member ${group} ${principalKey(member, known)} ${spec.priority ?? 0}`,
      about: `${shown(principalText(member))} in ${group}`,
      value: access,
      text: access,
      holder: member,
      key,
    };
  });
}

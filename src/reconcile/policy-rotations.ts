import type { DeclaredAccount, PolicyRef, RotationPolicy } from '../model/desired.ts';
import { defaultRotation, type RotationSettings } from '../model/rotation.ts';
import { compareText } from '../model/sid.ts';
import type { Declared } from './policy.ts';

type Field = keyof RotationSettings;
type DeclaredFields = { readonly [K in Field]?: Declared<RotationSettings[K]> };

export interface EffectiveRotation {
  /** The name in lower case, or `builtin`: what policies about one account are merged by. */
  readonly key: string;
  /** Null: the built-in Administrator, whatever it is called. */
  readonly name: string | null;
  /** Of the policies that name the account, the one that comes first. */
  readonly policy: PolicyRef;
  readonly declared: DeclaredFields;
  readonly settings: RotationSettings;
}

/** `policies` in order of precedence; the built-in Administrator comes first, then by key. */
export function mergeRotations(policies: readonly RotationPolicy[]): EffectiveRotation[] {
  const byAccount = new Map<string, EffectiveRotation>();
  for (const policy of policies) {
    for (const account of policy.accounts) {
      const own = rotationBy(policy, account);
      const known = byAccount.get(own.key);
      byAccount.set(own.key, known === undefined ? own : withRotation(known, own));
    }
  }
  return [...byAccount.values()].toSorted(
    (a, b) => Number(a.name !== null) - Number(b.name !== null) || compareText(a.key, b.key),
  );
}

/** `builtin`, or the name in lower case. */
export function accountKey(account: DeclaredAccount): string {
  return 'builtin' in account ? 'builtin' : account.name.toLowerCase();
}

/** Key of the facet of the password of an account; `key` is that of the account. */
export function passwordFacet(key: string): string {
  return `account ${key} password`;
}

function rotationBy(policy: RotationPolicy, account: DeclaredAccount): EffectiveRotation {
  const { ref, priority } = policy;
  const declared: Partial<Record<Field, Declared<unknown>>> = {};
  for (const field of fields) {
    const value = policy[field];
    if (value !== undefined) declared[field] = { value, policy: ref, priority };
  }
  const name = 'builtin' in account ? null : account.name;
  return withSettings({ key: accountKey(account), name, policy: ref, declared: declared as DeclaredFields });
}

const fields = Object.keys(defaultRotation) as Field[];

/** Field by field the higher priority has the say, and of equal ones the first. */
export function withRotation(first: EffectiveRotation, other: EffectiveRotation): EffectiveRotation {
  const declared: Partial<Record<Field, Declared<unknown>>> = { ...first.declared };
  for (const field of fields) {
    const theirs = other.declared[field];
    const ours = declared[field];
    if (theirs !== undefined && (ours === undefined || theirs.priority > ours.priority)) declared[field] = theirs;
  }
  return withSettings({ ...first, declared: declared as DeclaredFields });
}

function withSettings(rotation: Omit<EffectiveRotation, 'settings'>): EffectiveRotation {
  const values = Object.entries(rotation.declared).map(([field, { value }]) => [field, value]);
  const settings = { ...defaultRotation, ...Object.fromEntries(values) } as RotationSettings;
  // A device that makes its own password is told none.
  return { ...rotation, settings: settings.generator === 'controller' ? settings : { ...settings, value: null } };
}

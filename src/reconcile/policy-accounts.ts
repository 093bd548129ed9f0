import type { AccountPolicy } from '../model/desired.ts';
import type { PropertyKey } from '../model/operation.ts';
import { compareText } from '../model/sid.ts';
import type { Declared } from './policy.ts';

export interface EffectiveAccount {
  /** The name in lower case, or `builtin`: what policies about one account are merged by. */
  readonly key: string;
  /** Null: the built-in Administrator, whatever it is called. */
  readonly name: string | null;
  readonly ensure: Declared<'present' | 'absent'>;
  readonly enabled: Declared<boolean> | null;
  readonly unlocked: Declared<true> | null;
  readonly renameTo: Declared<string> | null;
  /** Ordered by property. */
  readonly properties: readonly (Declared<string | boolean> & { readonly property: PropertyKey })[];
}

/** `policies` in order of precedence; the built-in Administrator comes first, then by key. */
export function mergeAccounts(policies: readonly AccountPolicy[]): EffectiveAccount[] {
  const byAccount = new Map<string, AccountPolicy[]>();
  for (const policy of policies) {
    const key = 'builtin' in policy.account ? 'builtin' : policy.account.name.toLowerCase();
    const known = byAccount.get(key);
    if (known) known.push(policy);
    else byAccount.set(key, [policy]);
  }
  return [...byAccount]
    .map(([key, own]) => mergeAccount(key, own))
    .filter((account) => account !== null)
    .toSorted((a, b) => Number(a.name !== null) - Number(b.name !== null) || compareText(a.key, b.key));
}

function mergeAccount(key: string, policies: readonly AccountPolicy[]): EffectiveAccount | null {
  const [first] = policies;
  if (first === undefined) return null;
  const field = <K extends 'enabled' | 'unlocked' | 'renameTo'>(
    name: K,
  ): Declared<NonNullable<AccountPolicy[K]>> | null => {
    const policy = policies.find((one) => one[name] !== undefined);
    if (policy === undefined) return null;
    return { value: policy[name] as NonNullable<AccountPolicy[K]>, policy: policy.ref, priority: policy.priority };
  };
  return {
    key,
    name: 'builtin' in first.account ? null : first.account.name,
    ensure: { value: first.ensure, policy: first.ref, priority: first.priority },
    enabled: field('enabled'),
    unlocked: field('unlocked'),
    renameTo: field('renameTo'),
    properties: propertiesOf(policies),
  };
}

function propertiesOf(policies: readonly AccountPolicy[]): EffectiveAccount['properties'] {
  const found = new Map<PropertyKey, EffectiveAccount['properties'][number]>();
  for (const { ref, priority, properties } of policies) {
    for (const [name, value] of Object.entries(properties)) {
      const property = name as PropertyKey;
      if (value !== undefined && !found.has(property)) found.set(property, { property, value, policy: ref, priority });
    }
  }
  return [...found.values()].toSorted((a, b) => compareText(a.property, b.property));
}

import type { LocalUser } from '../model/inventory.ts';
import type { PropertyKey } from '../model/operation.ts';
import { compareText } from '../model/sid.ts';
import { propertyOf } from './local-users.ts';
import { contradiction } from './ownership.ts';
import type { Declared } from './policy.ts';
import type { EffectiveAccount } from './policy-accounts.ts';
import type { Hold } from './wanted.ts';

export interface MergedAccount {
  readonly account: EffectiveAccount;
  /** Null: none contradicts another. */
  readonly dispute: Hold | null;
}

/**
 * What statements of one account that call it differently come to, field by field: the higher priority has the say. Of
 * two that contradict each other with equal priority stands the one that `user` does not satisfy, so that the dispute
 * holds something and is seen.
 */
export function mergedOn(user: LocalUser, accounts: readonly [EffectiveAccount, ...EffectiveAccount[]]): MergedAccount {
  const [first, ...others] = accounts;
  if (others.length === 0) return { account: first, dispute: null };
  const disputes: Hold[] = [];
  const pick = <T>(what: string, said: readonly (Declared<T> | null)[], observed: T): Declared<T> | null => {
    const declared = said.filter((one) => one !== null);
    const highest = Math.max(...declared.map(({ priority }) => priority));
    const [one, ...rest] = declared.filter(({ priority }) => priority === highest);
    const other = rest.find(({ value }) => value !== one?.value);
    if (one === undefined || other === undefined) return one ?? null;
    disputes.push(contradiction(what, one.policy, other.policy));
    return one.value === observed ? other : one;
  };
  const account: EffectiveAccount = {
    key: first.key,
    name: first.name,
    ensure:
      pick(
        'ensure',
        accounts.map(({ ensure }) => ensure),
        'present',
      ) ?? first.ensure,
    enabled: pick(
      'enabled',
      accounts.map(({ enabled }) => enabled),
      user.enabled,
    ),
    unlocked: pick(
      'unlocked',
      accounts.map(({ unlocked }) => unlocked),
      true,
    ),
    renameTo: pick(
      'rename',
      accounts.map(({ renameTo }) => renameTo),
      user.name,
    ),
    properties: propertiesIn(accounts).flatMap((property) => {
      const said = accounts.map((one) => one.properties.find((declared) => declared.property === property) ?? null);
      const declared = pick<string | boolean>(property, said, propertyOf(user, property));
      return declared === null ? [] : [{ ...declared, property }];
    }),
  };
  return { account, dispute: disputes[0] ?? null };
}

function propertiesIn(accounts: readonly EffectiveAccount[]): PropertyKey[] {
  return [...new Set(accounts.flatMap(({ properties }) => properties.map(({ property }) => property)))].toSorted(
    compareText,
  );
}

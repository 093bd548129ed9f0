/** An effective policy with its names resolved: what a device with an inventory is compared with. */
import type { MemberAccess, PolicyRef, Source } from '../model/desired.ts';
import type { Sid } from '../model/sid.ts';
import { type NameProblem, type Names, type Target, targetOf } from './names.ts';
import type { EffectivePolicy } from './policy.ts';
import type { EffectiveAccount } from './policy-accounts.ts';
import type { EffectiveMember, Kept } from './policy-groups.ts';
import type { EffectiveRotation } from './policy-rotations.ts';

export interface ResolvedPolicy {
  readonly groups: readonly ResolvedGroup[];
  readonly accounts: readonly EffectiveAccount[];
  readonly rotations: readonly EffectiveRotation[];
  readonly recovery: readonly Target[];
}

export interface ResolvedGroup {
  readonly group: Sid;
  readonly exact: PolicyRef | null;
  readonly members: readonly ResolvedMember[];
  readonly keep: readonly Kept[];
}

export interface ResolvedMember {
  readonly target: Target;
  /** As declared; null: by SID alone, or the built-in Administrator. */
  readonly name: string | null;
  readonly access: MemberAccess;
  readonly policy: PolicyRef;
  readonly priority: number;
  readonly source: Source;
}

/** Names that cannot be resolved are added to `problems`, names of which nothing is to be done to `unseen`. */
export function resolve(
  policy: EffectivePolicy,
  names: Names,
  problems: NameProblem[],
  unseen: Set<string>,
): ResolvedPolicy {
  const groups = policy.groups.map(({ group, exact, members, keep }) => ({
    group,
    exact,
    members: members.map((member) => resolveMember(member, names, problems, unseen)).filter((one) => one !== null),
    keep,
  }));
  const { recovery } = policy.computer;
  const targets = (recovery?.value ?? []).map(({ principal }) =>
    targetOf(principal, recovery?.policy.source ?? { file: '', line: 0 }, names, problems),
  );
  const { accounts, rotations } = policy;
  return { groups, accounts, rotations, recovery: targets.filter((target) => target !== null) };
}

function resolveMember(
  { principal, access, policy, priority, source }: EffectiveMember,
  names: Names,
  problems: NameProblem[],
  unseen: Set<string>,
): ResolvedMember | null {
  if ('domainName' in principal && access !== 'persistent' && names.sidsOf(principal.domainName).length === 0) {
    // Whoever is to be absent and is nowhere to be seen is absent; once removed everywhere, a name must not be an error.
    if (access === 'absent') unseen.add(principal.domainName);
    return null;
  }
  const target = targetOf(principal, source, names, problems);
  return target === null ? null : { target, name: nameOf(principal), access, policy, priority, source };
}

function nameOf(principal: EffectiveMember['principal']): string | null {
  if ('sid' in principal) return principal.name;
  if ('builtin' in principal) return null;
  return 'localName' in principal ? principal.localName : principal.domainName;
}

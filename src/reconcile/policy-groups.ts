import type { MemberAccess, MembershipPolicy, PolicyRef, Principal, Source } from '../model/desired.ts';
import type { Pattern } from '../model/selector.ts';
import { compareText, type Sid } from '../model/sid.ts';

export interface EffectiveGroup {
  readonly group: Sid;
  /** The policy that makes the group exact; null: members whom nobody declares stay. */
  readonly exact: PolicyRef | null;
  /** In order of precedence: of two that turn out to be one principal, the first holds. */
  readonly members: readonly EffectiveMember[];
  /** Of all policies: to keep somebody is always safe. */
  readonly keep: readonly Kept[];
}

export interface Kept {
  readonly pattern: Pattern;
  readonly policy: PolicyRef;
}

export interface EffectiveMember {
  readonly principal: Principal;
  readonly access: MemberAccess;
  readonly policy: PolicyRef;
  readonly priority: number;
  readonly source: Source;
}

/** `policies` in order of precedence. */
export function mergeGroups(policies: readonly MembershipPolicy[]): EffectiveGroup[] {
  const byGroup = new Map<Sid, MembershipPolicy[]>();
  for (const policy of policies) {
    const known = byGroup.get(policy.group);
    if (known) known.push(policy);
    else byGroup.set(policy.group, [policy]);
  }
  return [...byGroup]
    .map(([group, own]) => ({
      group,
      exact: exactBy(own),
      members: membersOf(own),
      keep: own.flatMap(({ keep, ref }) => keep.map((pattern) => ({ pattern, policy: ref }))),
    }))
    .toSorted((a, b) => compareText(a.group, b.group));
}

/** At the highest priority that says anything, one `exact` makes it so: an `include` beside it only adds members. */
function exactBy(policies: readonly MembershipPolicy[]): PolicyRef | null {
  const highest = policies[0]?.priority;
  return policies.find((policy) => policy.priority === highest && policy.mode === 'exact')?.ref ?? null;
}

/** Access that gives comes before access that takes, where priorities are equal. */
const safestFirst: readonly MemberAccess[] = ['persistent', 'jita', 'absent'];

function membersOf(policies: readonly MembershipPolicy[]): EffectiveMember[] {
  const all = policies.flatMap((policy) =>
    policy.members.map((member) => ({ member, policy, key: principalKey(member.principal) })),
  );
  all.sort(
    (a, b) =>
      b.policy.priority - a.policy.priority ||
      safestFirst.indexOf(a.member.access) - safestFirst.indexOf(b.member.access) ||
      compareText(a.key, b.key) ||
      compareText(a.policy.ref.name, b.policy.ref.name),
  );
  const first = new Map<string, EffectiveMember>();
  for (const { member, policy, key } of all) {
    if (first.has(key)) continue;
    first.set(key, {
      principal: member.principal,
      access: member.access,
      policy: policy.ref,
      priority: policy.priority,
      source: member.source,
    });
  }
  return [...first.values()];
}

function principalKey(principal: Principal): string {
  if ('sid' in principal) return `sid ${principal.sid}`;
  if ('builtin' in principal) return 'builtin';
  if ('localName' in principal) return `local ${principal.localName.toLowerCase()}`;
  return `domain ${principal.domainName.toLowerCase()}`;
}

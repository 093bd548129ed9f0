/** What a look found, for the records that apply keeps of it. */

import { canonicalJson } from '../model/canonical.ts';
import type { AppliedFacets } from '../model/recorded.ts';
import { domainOf, isLocalSid, type Sid } from '../model/sid.ts';
import type { Compared } from './compare.ts';
import type { DeviceFinding, Difference, Findings } from './findings.ts';
import { sha256 } from './hash.ts';
import { byComputerId } from './id-order.ts';
import { nameIn } from './names.ts';
import type { WholeHold } from './scope.ts';

export function findingsOf(classes: readonly Compared[], held: readonly WholeHold[]): Findings {
  const applied = new Map<string, AppliedFacets>();
  const devices: DeviceFinding[] = [];
  const differences: Difference[] = [];
  for (const compared of classes) {
    const appliedKey = sha256(canonicalJson(compared.applied)).slice(0, 24);
    applied.set(appliedKey, compared.applied);
    const { met, administered } = compared;
    for (const { computerId, recordId, label } of compared.devices) {
      devices.push({ computerId, recordId, label, met, observed: true, appliedKey, administered });
    }
    differences.push(...differencesOf(compared));
  }
  const seen = new Set<string>();
  const excluded = new Set<string>();
  for (const { device, exclusion } of held) {
    const { computerId, record, label } = device;
    if (computerId !== null && exclusion !== null) excluded.add(computerId);
    // A device that two exclusions hold is one device.
    if (computerId === null || seen.has(computerId)) continue;
    seen.add(computerId);
    const nothing = { met: false, observed: false, appliedKey: null, administered: null } as const;
    devices.push({ computerId, recordId: record?.id ?? null, label, ...nothing });
  }
  return { devices: byComputerId(devices, ({ computerId }) => computerId), excluded, applied, differences };
}

function differencesOf(compared: Compared): Difference[] {
  if (compared.changes.length === 0) return [];
  const computerIds = compared.devices.map((device) => device.computerId);
  const labels = compared.devices.map((device) => device.label);
  const guardOf = new Map(compared.judge(() => true).held.map(({ change, hold }) => [change, hold.guard]));
  return compared.changes
    .filter((change) => change.kind !== 'computer.enroll')
    .map((change) => ({
      computerIds,
      labels,
      policy: change.policy.name,
      kind: change.kind,
      subject: change.subject,
      reason: change.reason,
      held: guardOf.get(change) ?? null,
      session: change.kind === 'group.remove' && change.sid !== null && compared.sessions.has(change.sid),
      unresolvable: change.obstacle?.guard === 'orphan',
      neighboursResolve: change.sid !== null && resolvesOthers(compared.inventory, change.sid),
    }));
}

/** A member of the same domain has a name here: what issued the SID was in reach. */
function resolvesOthers({ groups }: Compared['inventory'], sid: Sid): boolean {
  if (isLocalSid(sid)) return false;
  const domain = domainOf(sid);
  return groups.some(({ members }) =>
    members.some((member) => member.sid !== sid && nameIn(member) !== null && domainOf(member.sid) === domain),
  );
}

/** What a look found, for the records that apply keeps of it. */

import { canonicalJson } from '../model/canonical.ts';
import type { AppliedFacets, Holding } from '../model/recorded.ts';
import { domainOf, isLocalSid, type Sid } from '../model/sid.ts';
import type { Compared } from './compare.ts';
import type { DeviceFinding, Difference, Findings, RotationFinding } from './findings.ts';
import { sha256 } from './hash.ts';
import { byComputerId } from './id-order.ts';
import { nameIn } from './names.ts';
import { once } from './once.ts';
import type { WholeHold } from './scope.ts';

/** Each part is made when it is first asked for: who wants the plan alone needs none of a million devices. */
export function findingsOf(classes: readonly Compared[], held: readonly WholeHold[]): Findings {
  const keys = once(() => classes.map(({ applied }) => sha256(canonicalJson(applied)).slice(0, 24)));
  const applied = once(() => new Map(classes.map((compared, index) => [keys()[index] ?? '', compared.applied])));
  const devices = once(() => devicesIn(classes, keys(), held));
  const excluded = once(() => excludedIn(held));
  const differences = once(() => classes.flatMap(differencesOf));
  const rotations = once(() => classes.flatMap(rotationsOf));
  return {
    get applied(): ReadonlyMap<string, AppliedFacets> {
      return applied();
    },
    get devices() {
      return devices();
    },
    get excluded() {
      return excluded();
    },
    get differences() {
      return differences();
    },
    get rotations() {
      return rotations();
    },
  };
}

function devicesIn(
  classes: readonly Compared[],
  keys: readonly string[],
  held: readonly WholeHold[],
): readonly DeviceFinding[] {
  const devices: DeviceFinding[] = [];
  for (const [index, { met, administered, members }] of classes.entries()) {
    const appliedKey = keys[index] ?? '';
    for (const { computerId, recordId, label } of members.devices) {
      devices.push({ computerId, recordId, label, met, observed: true, appliedKey, administered });
    }
  }
  const seen = new Set<string>();
  for (const { device } of held) {
    const { computerId, record, label } = device;
    // A device that two exclusions hold is one device.
    if (computerId === null || seen.has(computerId)) continue;
    seen.add(computerId);
    const nothing = { met: false, observed: false, appliedKey: null, administered: null } as const;
    devices.push({ computerId, recordId: record?.id ?? null, label, ...nothing });
  }
  return byComputerId(devices, ({ computerId }) => computerId);
}

function excludedIn(held: readonly WholeHold[]): ReadonlySet<string> {
  const ids = held.map(({ device, exclusion }) => (exclusion === null ? null : device.computerId));
  return new Set(ids.filter((id) => id !== null));
}

function differencesOf(compared: Compared): Difference[] {
  const changes = compared.changes.filter((change) => change.kind !== 'computer.enroll');
  if (changes.length === 0) return [];
  const computerIds = compared.members.devices.map((device) => device.computerId);
  const labels = compared.members.devices.map((device) => device.label);
  const guardOf = new Map(compared.judge(() => true).held.map(({ change, hold }) => [change, hold.guard]));
  return changes.map((change) => ({
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

function rotationsOf({ passwords, members }: Compared): RotationFinding[] {
  if (passwords.length === 0) return [];
  const computerIds = members.devices.map(({ computerId }) => computerId);
  return passwords.map(({ target, account, holding, held }) => ({
    computerIds,
    account,
    ref: target.ref,
    rid: target.user?.rid ?? null,
    settings: target.rotation.settings,
    confirmed: held ? newsOf(holding) : null,
  }));
}

function newsOf(holding: Holding | null): RotationFinding['confirmed'] {
  const current = holding?.current ?? null;
  if (current === null || current.confirmed) return null;
  return { rotation: current.rotation, attempt: current.attempt };
}

/** A member of the same domain has a name here: what issued the SID was in reach. */
function resolvesOthers({ groups }: Compared['inventory'], sid: Sid): boolean {
  if (isLocalSid(sid)) return false;
  const domain = domainOf(sid);
  return groups.some(({ members }) =>
    members.some((member) => member.sid !== sid && nameIn(member) !== null && domainOf(member.sid) === domain),
  );
}

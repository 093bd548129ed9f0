/** A plan that changes passwords for every reason there is, and an explanation of one of its devices. */
import type { RotationMark } from '../../src/model/inventory.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Holding } from '../../src/model/recorded.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  domainAdmins,
  holding,
  inventory,
  plan,
  recovery,
  rotated,
  rotation,
  user,
  type World,
} from '../reconcile/world.ts';

interface Group {
  readonly devices: number;
  readonly passwordSet?: string;
  readonly marks?: readonly RotationMark[];
  readonly holdings?: readonly Holding[];
}

const open = {
  id: '0f3a9c1d2b4e5f60718293a4b5c6d7e8',
  generator: 'endpoint',
  publicKey: 'bg==,AQAB',
  askedAt: '2026-03-02T08:00:00.000Z',
} as const;

/** A month after a first rotation of the whole fleet. */
const groups: readonly Group[] = [
  {
    devices: 212,
    passwordSet: '2026-01-30',
    holdings: [holding({ current: { setOn: '2026-01-30', keptOn: '2026-01-30' } })],
  },
  { devices: 2, marks: [], holdings: [] },
  { devices: 3, marks: [{ ...rotated, state: 'changed' }] },
  { devices: 1, marks: [{ ...rotated, id: 'r0' }] },
  { devices: 1, holdings: [holding({ current: { revealedAt: '2026-03-02T07:00:00.000Z' } })] },
  { devices: 4, holdings: [holding({ open })] },
  { devices: 60 },
];

export function rotationWorld(): World {
  const nightly = { days: null, from: 22 * 60, to: 4 * 60, timeZone: 'UTC', source: { file: 'kiosks.yaml', line: 8 } };
  const devices = groups.flatMap((group) => Array.from({ length: group.devices }, () => group));
  const held: readonly Holding[] = [holding()];
  const [laps, unprotected] = [String(devices.length), String(devices.length - 1)];
  return {
    desired: {
      computers: [computers({ name: 'servers', protect: 'JITA', recovery: recovery(domainAdmins) })],
      accounts: [account({ line: 12, enabled: true })],
      rotations: [
        rotation({ name: 'breakglass-rotation', line: 21 }),
        rotation({ name: 'kiosks', line: 3, accounts: [{ builtin: 'administrator' }], windows: [nightly] }),
      ],
    },
    seen: devices.map(({ passwordSet = '2026-02-11', marks = [rotated] }, index) => {
      const id = String(index + 1);
      const users = id === '213' ? [] : [{ ...breakglass, passwordSet }, user(500, 'Administrator')];
      const mode = id === laps ? 'ad' : 'none';
      return { id, state: inventory({ users, rotations: marks, laps: { mode, rid: null } }) };
    }),
    recorded: {
      computers: devices.map((_, index) => {
        const id = String(index + 1);
        return computer(id, id === unprotected ? { protect: 'Disabled' } : {});
      }),
      credentials: new Map(devices.map(({ holdings = held }, index) => [String(index + 1), holdings])),
    },
  };
}

export function rotations(): Plan {
  return plan(rotationWorld());
}

/** `trueup rotate --device SRV-280 --account corp_breakglass --now` */
export function rotatedByHand(): Plan {
  const rotate = { policy: null, device: 'srv-280', account: 'corp_breakglass', now: true };
  return plan({ ...rotationWorld(), rotate });
}

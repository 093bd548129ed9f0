/**
 * A plausible fleet of Windows devices: 60 % workstations, 40 % servers; 10 % joined to Entra ID instead of the domain,
 * 15 % with Windows LAPS (half of them on RID 500, half on `lapsadmin`), 10 % with a renamed built-in Administrator, 10 %
 * installed in German or French, 8 % with orphaned administrators of the retired domain, 0.5 % that bear another one's
 * host name; and three kinds that no change reaches: domain controllers (0.5 %), Windows PowerShell 4.0 (1 %),
 * Constrained Language Mode (1 %). From 10 devices on there is one of each kind at least, of the last two from 20 on.
 *
 * Devices in the same state share it, so that one costs a few hundred bytes until it is changed.
 */
import { TrueupError } from '../../errors.ts';
import { type DeviceIdentity, WindowsDevice } from '../windows/device.ts';
import { retoldScripts, type Scripts } from '../windows/scripts.ts';
import type { MachineState } from '../windows/state.ts';
import { accountDrifts, allDrifts, type Drift, drifted } from './drift.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import { domainControllerOf, machineOf } from './image.ts';
import { inTurn, type Random, randomFrom } from './random.ts';
import { isChangeable, type Role, rolesOf } from './roles.ts';
import { corp, corpDirectory, noDirectory } from './world.ts';

const maxDevices = 1_000_000;

/**
 * The same options make the same fleet. `drift` P: round(P × N) devices, or as many as can be changed, differ from
 * `examples/minimal`, and the others satisfy it; it never touches who a device is. Throws TRUEUP_SIMULATOR.
 */
export function generateFleet(options: FleetOptions, scripts: Scripts = retoldScripts): Fleet {
  const { devices: size, drift, seed } = checked(options);
  const roles = rolesOf(size, seed);
  const identities = identitiesOf(roles, seed);
  const drifts = driftsOf(roles, Math.round(drift * size), seed);
  const states = new Map<string, MachineState>();
  const devices: WindowsDevice[] = [];
  for (const [role, identity] of identities) {
    const wanted = drifts.get(role) ?? [];
    const key = JSON.stringify({ ...role, sameNameAs: null, wanted });
    const state = states.get(key) ?? stateOf(role, wanted);
    states.set(key, state);
    const directory = role.join === 'domain' ? corpDirectory : noDirectory;
    devices.push(new WindowsDevice(identity, state, directory, scripts));
  }
  return { devices, byId: new Map(devices.map((device) => [device.computerId, device])) };
}

function checked(options: FleetOptions): FleetOptions {
  const { devices, drift, seed } = options;
  if (!Number.isInteger(devices) || devices < 0 || devices > maxDevices) {
    throw new TrueupError('TRUEUP_SIMULATOR', `a fleet has 0 to ${maxDevices} devices, not ${devices}`);
  }
  if (!(drift >= 0 && drift <= 1)) {
    throw new TrueupError('TRUEUP_SIMULATOR', `drift is a share from 0 to 1, not ${drift}`);
  }
  if (!Number.isSafeInteger(seed)) throw new TrueupError('TRUEUP_SIMULATOR', `a seed is a whole number, not ${seed}`);
  return options;
}

interface DeviceDrift {
  readonly drift: Drift;
  readonly variant: number;
}

function stateOf(role: Role, drifts: readonly DeviceDrift[]): MachineState {
  const state = role.controller ? domainControllerOf(role.release) : machineOf(role);
  return drifts.reduce((machine, { drift, variant }) => drifted(machine, drift, variant), state);
}

/** Each way to differ in turn, and on every fourth device up to two more beside it. */
function driftsOf(roles: readonly Role[], count: number, seed: number): ReadonlyMap<Role, readonly DeviceDrift[]> {
  const random = randomFrom(seed, 'drift');
  const drifts = new Map<Role, DeviceDrift[]>();
  const turn = { domain: 0, entra: 0 };
  for (const role of random.shuffled(roles.filter(isChangeable)).slice(0, count)) {
    const ways = role.join === 'domain' ? allDrifts : accountDrifts;
    const chosen = new Set([inTurn(ways, turn[role.join])]);
    turn[role.join] += 1;
    const more = random.below(4) === 0 ? 2 : 0;
    for (let extra = 0; extra < more; extra += 1) chosen.add(random.pick(ways));
    drifts.set(
      role,
      [...chosen].map((drift) => ({ drift, variant: random.below(12) })),
    );
  }
  return drifts;
}

/** In the order of `roles`. */
function identitiesOf(roles: readonly Role[], seed: number): ReadonlyMap<Role, DeviceIdentity> {
  const random = randomFrom(seed, 'identities');
  const taken = new Set<number>();
  const names = roles.map((role, index) => nameOf(role, index + 1, random));
  const identities = new Map<Role, DeviceIdentity>();
  for (const [index, role] of roles.entries()) {
    identities.set(role, {
      computerId: computerIdOf(random, taken),
      name: inTurn(names, role.sameNameAs ?? index),
      os: role.release.os,
      domain: role.join === 'domain' ? corp.fqdn : null,
      machineSid: `S-1-5-21-${[0, 1, 2].map(() => 100_000_000 + random.below(4_000_000_000)).join('-')}`,
    });
  }
  return identities;
}

/** At most 15 characters before the domain, as NetBIOS has it. */
function nameOf(role: Role, number: number, random: Random): string {
  const digits = String(number).padStart(4, '0');
  const purpose = random.pick(['APP', 'SQL', 'WEB', 'FIL', 'PRT']);
  const site = random.pick(['BER', 'MUC', 'LON', 'NYC', 'PAR']);
  if (role.controller) return `SRV-DC-${digits}.${corp.fqdn}`;
  const host = role.release.kind === 'server' ? `SRV-${purpose}-${digits}` : `WS-${site}-${digits}`;
  return role.join === 'domain' ? `${host}.${corp.fqdn}` : host;
}

function computerIdOf(random: Random, taken: Set<number>): number {
  for (;;) {
    const id = 1_000_000_000 + random.below(3_294_967_295);
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

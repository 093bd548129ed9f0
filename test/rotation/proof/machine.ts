/** Devices that lose their power, are put back to snapshots, and whose clocks go wrong: the simulated machine, step by step. */
import type { RotationMark } from '../../../src/model/inventory.ts';
import { parseFleet } from '../../../src/simulator/fleet/file.ts';
import type { Machine as Windows } from '../../../src/simulator/windows/action.ts';
import { marksOf } from '../../../src/simulator/windows/journal.ts';
import { runScript } from '../../../src/simulator/windows/script.ts';
import { retoldScripts } from '../../../src/simulator/windows/scripts.ts';
import type { MachineState } from '../../../src/simulator/windows/state.ts';
import type { Kept } from './bugs.ts';

export interface Device {
  readonly computerId: string;
  readonly name: string;
  readonly windows: Omit<Windows, 'state' | 'now'>;
  state: MachineState;
  /** Milliseconds that its clock is ahead of the true time. */
  skew: number;
  /** Whether it answers questions and starts actions. */
  online: boolean;
  /** States of it that are kept as snapshots, the oldest first; what it was set up as is the first. */
  readonly snapshots: MachineState[];
}

export const accountRids: Readonly<Record<string, number>> = { builtin: 500, ops: 1001 };

/** As somebody set it up: nobody here knows its passwords. */
export function deviceNumbered(number: number): Device {
  const name = `PC-${number}.corp.example`;
  const users = [
    { rid: 500, name: 'Administrator', password: `first of 500 on ${number}`, passwordSetAt: '2026-01-05T08:00:00Z' },
    { rid: 1001, name: 'ops', password: `first of 1001 on ${number}`, passwordSetAt: '2026-02-20T08:00:00Z' },
  ];
  const groups = [{ sid: 'S-1-5-32-544', members: ['~-500', '~-1001'] }];
  const entry = { name, domain: 'corp.example', machineSid: `S-1-5-21-${number}-2-3`, users, groups };
  let seen: Windows | null = null;
  const inventory: typeof retoldScripts.inventory = (machine) => {
    seen = machine;
    return '';
  };
  parseFleet(JSON.stringify({ devices: [entry] }), name, { ...retoldScripts, inventory }).devices[0]?.inventory();
  if (seen === null) throw new Error('there is no such machine');
  const { state, now: _, ...windows } = seen as Windows;
  return { computerId: String(number), name, windows, state, skew: 0, online: true, snapshots: [state] };
}

/** What it prints; null: its power was cut, and whoever waits for it hears nothing. */
export type Output = readonly string[] | null;

/**
 * Runs an action's command. `seen` is told of each state that outlasts the power; after so many of them it is cut.
 * `at`: the true time.
 */
export function runOn(
  device: Device,
  command: string,
  at: number,
  power: { readonly steps: number; readonly seen: (device: Device) => void; readonly kept: Kept },
): Output {
  let steps = 0;
  if (power.steps === 0) return null;
  const kept = (state: MachineState): void => {
    device.state = power.kept(device.state, state);
    power.seen(device);
    steps += 1;
    if (steps >= power.steps) throw new PowerCut();
  };
  try {
    const { state, lines } = runScript({ ...machineAt(device, at), kept }, signature(device), command);
    device.state = power.kept(device.state, state);
    return lines;
  } catch (error) {
    if (error instanceof PowerCut) return null;
    throw error;
  }
}

class PowerCut extends Error {}

export function inventoryOf(device: Device, at: number): string {
  return retoldScripts.inventory(machineAt(device, at), signature(device));
}

/** What the command would come to if it ran now, to its end; the device stays as it is. */
export function imagined(
  device: Device,
  command: string,
  at: number,
): { lines: readonly string[]; state: MachineState } {
  return runScript(machineAt(device, at), signature(device), command);
}

export function passwordOn(state: MachineState, rid: number): string {
  return state.users.find((user) => user.rid === rid)?.password ?? '';
}

export function markOn(state: MachineState, rid: number): RotationMark | null {
  return marksOf(state).find((mark) => mark.rid === rid) ?? null;
}

function machineAt({ windows, state, skew }: Device, at: number): Windows {
  return { ...windows, state, now: new Date(at + skew) };
}

function signature({ windows }: Device): { computer: string; domain: string | null; ms: number } {
  return { computer: windows.computer, domain: windows.domain, ms: 20 };
}

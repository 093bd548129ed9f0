/** Who runs the two endpoint scripts of a simulated machine. */
import type { Machine } from './action.ts';
import { runScript, type ScriptRun, type Signature } from './script.ts';
import { inventoryOf, postureOfMachine, sensorText } from './sensors.ts';

/** Devices in the same state print the same texts, so each is asked for once for all of them. */
export interface Scripts {
  /** What the sensor prints. */
  readonly inventory: (machine: Machine, signature: Signature) => string;
  /** What the second sensor prints. */
  readonly posture: (machine: Machine, signature: Signature) => string;
  readonly run: (machine: Machine, signature: Signature, parameter: string) => ScriptRun;
}

/** Their rules told again in TypeScript: quick, and nothing else is needed. */
export const retoldScripts: Scripts = {
  inventory: ({ state }) => sensorText(state, inventoryOf),
  posture: ({ state }) => sensorText(state, postureOfMachine),
  run: runScript,
};

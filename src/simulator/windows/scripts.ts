/** Who runs the two endpoint scripts of a simulated machine. */
import { inventoryText } from '../../endpoint/inventory.ts';
import type { Machine } from './action.ts';
import { runScript, type ScriptRun, type Signature } from './script.ts';

export interface Scripts {
  /** What the sensor prints. Devices in the same state print the same, so it is asked for once for all of them. */
  inventory(machine: Machine, signature: Signature): string;
  run(machine: Machine, signature: Signature, parameter: string): ScriptRun;
}

/** Their rules told again in TypeScript: quick, and nothing else is needed. */
export const retoldScripts: Scripts = {
  inventory: ({ state }) => inventoryText(state),
  run: runScript,
};

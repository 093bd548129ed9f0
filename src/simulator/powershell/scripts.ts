/** The endpoint scripts themselves, run by a real PowerShell on simulated machines. */
import type { TrueupError } from '../../errors.ts';
import type { Machine } from '../windows/action.ts';
import type { ScriptRun, Signature } from '../windows/script.ts';
import type { Scripts } from '../windows/scripts.ts';
import { startHost } from './host.ts';
import { type FakeState, fakeStateOf, machineStateOf } from './state.ts';
import type { Environment } from './worker.ts';

export interface RealScripts extends Scripts {
  /** Version of the PowerShell that runs them. */
  readonly version: string;
  /** Comes with the first error, after which every command fails. */
  readonly failure: Promise<TrueupError>;
  close(): Promise<void>;
}

/** `host.ps1`'s answer; `state` null: nothing was changed. */
interface Answer {
  readonly lines: readonly string[];
  readonly state: FakeState | null;
}

/** Throws TRUEUP_SIMULATOR where PATH of `env` has no PowerShell that can run them. */
export function startScripts(env: Environment): RealScripts {
  const host = startHost(env);
  const ask = (machine: Machine, signature: Signature, what: { parameter: string } | { sensor: string }): Answer =>
    host.ask({ state: fakeStateOf(machine, signature), ...what }) as unknown as Answer;
  return {
    version: host.version,
    failure: host.failure,
    inventory: (machine, signature) => ask(machine, signature, { sensor: 'Inventory' }).lines.join('\n'),
    posture: (machine, signature) => ask(machine, signature, { sensor: 'Posture' }).lines.join('\n'),
    run: (machine, signature, parameter): ScriptRun => {
      const { lines, state } = ask(machine, signature, { parameter });
      return { lines, state: state === null ? machine.state : machineStateOf(state, machine) };
    },
    close: () => host.close(),
  };
}

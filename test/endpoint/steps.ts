/**
 * What a machine goes through in a rotation, one thing that outlasts its power after the other: the same of the scripts,
 * which die between any two of them in crash.test.ts, and of the simulated machine, which does in test/rotation/proof.
 */
import { parseFleet } from '../../src/simulator/fleet/file.ts';
import type { SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';
import { runScript } from '../../src/simulator/windows/script.ts';
import { retoldScripts } from '../../src/simulator/windows/scripts.ts';

/** As far as both know it: passwords by RID, and the files that the scripts keep. */
export interface Outlasting {
  readonly users: readonly { readonly rid: number; readonly password?: string | undefined }[];
  readonly files?: Readonly<Record<string, string>>;
}

/** In words, each state against the one before: `password of 1001`, `rotation-1001-R: set, attempt 1, 1 sealed`. */
export function stepsOf(before: Outlasting, states: readonly Outlasting[]): readonly string[] {
  return states.map((state, index) => stepBetween(index === 0 ? before : (states[index - 1] ?? before), state));
}

function stepBetween(before: Outlasting, after: Outlasting): string {
  const words = after.users.flatMap(({ rid, password }) => {
    const user = before.users.find((one) => one.rid === rid);
    return user === undefined || user.password === password ? [] : [`password of ${rid}`];
  });
  const [old, now] = [before.files ?? {}, after.files ?? {}];
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (old[name] !== now[name]) words.push(`${name}: ${entryWords(now[name])}`);
  }
  return words.join(', ');
}

function entryWords(text: string | undefined): string {
  if (text === undefined) return 'gone';
  const { st, a, env, ack } = JSON.parse(text);
  return st === undefined ? 'written' : `${st}, attempt ${a}, ${env.length} sealed${ack ? ', acknowledged' : ''}`;
}

/** The machine of a state of crash.loop.ps1, told again; `kept` sees each state that outlasts its power. */
export function simulated(
  { machine, users, files, refuse }: Outlasting & { readonly machine: object; readonly refuse?: number },
  kept: (state: Outlasting) => void,
): SimulatedDevice {
  const { Name: name, Sid: machineSid } = machine as { Name: string; Sid: string };
  const known = users.map(({ rid, password, ...user }) => {
    const { name: account, passwordSet: at } = user as { name: string; passwordSet: string | null };
    // It counts whole seconds.
    return { rid, name: account, password, ...(at !== null && { passwordSetAt: `${at.slice(0, 19)}Z` }) };
  });
  const device = { name, machineSid, users: known, files: files ?? {}, refuse: refuse ?? 0 };
  const scripts = { ...retoldScripts, run: told(kept) };
  const [found] = parseFleet(JSON.stringify({ devices: [device] }), 'steps', scripts).devices;
  if (found === undefined) throw new Error('no device');
  return found;
}

function told(kept: (state: Outlasting) => void): typeof runScript {
  return (machine, signature, parameter) => runScript({ ...machine, kept }, signature, parameter);
}

/** `trueup demo`: the whole loop on a simulated fleet, by the very commands that an operator types. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { TrueupError } from '../errors.ts';
import { ADMINISTRATORS } from '../model/sid.ts';
import { type DeviceTruth, generateFleet } from '../simulator/fleet/fleet.ts';
import { breakglass, corp, domainAdmins } from '../simulator/fleet/world.ts';
import { startScripts } from '../simulator/powershell/scripts.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import type { Io } from './io.ts';
import type { Run } from './program.ts';

const fleet = { devices: 200, drift: 0.3, seed: 1 };
/** `CORP\contractor-x` of the simulated company. */
const intruder = `${corp.sid}-1106`;
const actor = 'CORP\\helpdesk-7';
/** A client repeats an answer that is a moment old, even to those who ask for a fresh one. */
const cacheMilliseconds = 100;

export interface DemoOptions {
  /** The devices run the real endpoint scripts. */
  readonly powershell: boolean;
}

/** Exits 0; 1 where a step does not end as it should. */
export async function demo({ powershell }: DemoOptions, io: Io, run: Run): Promise<number> {
  await using ended = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'trueup-demo-'));
  ended.defer(() => rm(folder, { recursive: true, force: true }));
  const scripts = powershell ? startScripts(io.env) : undefined;
  ended.defer(async () => scripts?.close());
  const simulator = await startSimulator({
    port: 0,
    fleet: generateFleet(fleet, scripts),
    latencyMs: 0,
    clock: 'fast',
    bare: false,
    tls: false,
    seed: fleet.seed,
  });
  ended.defer(() => simulator.close());
  await play(stageOf(io, run, folder, simulator), io, simulator, folder);
  return 0;
}

/** Runs a command line in the demo's folder and insists on its exit status. */
type Stage = (words: string, expected: number) => Promise<void>;

function stageOf(io: Io, run: Run, folder: string, { url, token }: Simulator): Stage {
  // Whoever's own store, keys and configuration these variables name, the demo has nothing to do with them.
  const env = Object.fromEntries(Object.entries(io.env).filter(([name]) => !name.startsWith('TRUEUP_')));
  const inside: Io = { ...io, cwd: folder, env: { ...env, TRUEUP_TANIUM_URL: url, TRUEUP_TANIUM_TOKEN: token } };
  return async (words, expected) => {
    io.out(`\n$ trueup ${words}\n`);
    const code = await run(words.split(' '), inside);
    io.signal.throwIfAborted();
    if (code !== expected) {
      throw new TrueupError(
        'TRUEUP_INTERNAL',
        `The demo's \`trueup ${words}\` ended with ${code}, not with ${expected}.`,
      );
    }
  };
}

async function play(trueup: Stage, io: Io, simulator: Simulator, folder: string): Promise<void> {
  const tell = (text: string): void => io.out(`\n${text}\n`);
  tell(
    `A simulated Tanium Cloud with ${fleet.devices} Windows devices answers at ${simulator.url}. ` +
      `Every command below runs for real, in ${folder}.`,
  );
  tell('1. Declare. The desired state is a few YAML files that belong into Git.');
  await trueup('init', 0);
  await trueup('validate', 0);
  tell('2. Plan. What would have to change, by policy; nothing is touched. Exit 2: changes are pending.');
  await trueup('plan', 2);
  tell('3. Apply. One action for all devices that need the same; then a fresh scan of exactly those.');
  await trueup('apply --yes', 0);
  await trueup('plan', 0);
  tell(
    `4. Meanwhile ${actor} makes CORP\\contractor-x an administrator here, and disables the break-glass account there.`,
  );
  const disturbed = await disturb(simulator);
  await delay(cacheMilliseconds, undefined, { signal: io.signal });
  tell('5. Look. The daemon, for one cycle and without --yes: it records drift and changes nothing.');
  await trueup('reconcile --once', 2);
  await trueup('drift', 2);
  tell('6. Reconcile. The same with --yes: it puts things right and verifies.');
  await trueup('reconcile --once --yes', 0);
  await trueup('drift', 0);
  await trueup('plan', 0);
  tell(
    `7. Rotate. ${disturbed} makes itself a new password for the break-glass account, and seals it to Trueup's key.`,
  );
  const policy = policyFor(disturbed);
  await writeFile(join(folder, 'passwords.yaml'), policy);
  io.out(`\n${policy}`);
  await trueup('rotate --yes', 0);
  tell(
    '8. Reveal. To one person, with a reason: who has seen it is on record before, and it is changed an hour later.',
  );
  await trueup(`password reveal ${disturbed} --reason demo --stdout`, 0);
  await trueup(`password history ${disturbed}`, 0);
  await trueup('audit verify', 0);
  await trueup('plan', 0);
  io.out('\nconverged\n');
}

/** Of one device, so that the demo stays short. */
function policyFor(device: string): string {
  return `apiVersion: trueup/v1
kind: PasswordRotationPolicy
metadata:
  name: breakglass-password
spec:
  selector: { name: ${device} }
  accounts: [{ name: ${breakglass.name} }]
  rotationDays: 30
  minutesAfterReveal: 60
  retentionDays: 90
  generator: endpoint
  complexity: { words: 4 }
`;
}

/** Three workstations get an administrator too many, two more lose the use of their break-glass account. Answers the first. */
async function disturb({ url }: Simulator): Promise<string> {
  const { body } = await request(`${url}/_sim/devices`);
  const devices = (await body.json()) as readonly DeviceTruth[];
  const usable = devices.filter(({ users, groups }) => {
    const administrators = groups.find(({ sid }) => sid === ADMINISTRATORS)?.members ?? [];
    const isUsable = users.some(({ name, enabled }) => name === breakglass.name && enabled);
    return isUsable && administrators.includes(domainAdmins) && !administrators.includes(intruder);
  });
  for (const [index, { computerId }] of usable.slice(0, 5).entries()) {
    const change =
      index < 3
        ? { group: { sid: ADMINISTRATORS, add: [intruder] } }
        : { user: { name: breakglass.name, enabled: false } };
    const answer = await request(`${url}/_sim/drift`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ device: computerId, ...change, actor }),
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) {
      throw new TrueupError(
        'TRUEUP_INTERNAL',
        `The simulator refused the demo's drift with status ${answer.statusCode}.`,
      );
    }
  }
  return usable[0]?.name ?? '';
}

/** What every command of a provider begins with: configuration, labels, store, fleet, logs. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RunContext, RunEvent } from '../apply/context.ts';
import type { Held, LeaseContext } from '../apply/lease.ts';
import type { Vault } from '../credential-ports.ts';
import type { DeviceLabels } from '../desired/labels.ts';
import { TrueupError } from '../errors.ts';
import { type Logs, openLogs } from '../log.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import type { Store, StoreOptions } from '../ports.ts';
import { boxes } from '../secrets/boxes.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { passwordCommands } from '../secrets/password-commands.ts';
import { recipientOf } from '../secrets/recipient.ts';
import { vaultOf } from '../secrets/vault.ts';
import { currentHolder, isDead } from '../store/holder.ts';
import { openStore } from '../store/open.ts';
import { witnessFiles, witnessIn } from './audit-witness.ts';
import { readScript } from './content-files.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { commitOf } from './git-commit.ts';
import type { Io } from './io.ts';
import { keysOf } from './store-keys.ts';
import { operator, randomIds, systemClock } from './system.ts';

export interface SessionOptions {
  readonly config: readonly string[];
  /** `sqlite:PATH` or `mongodb://HOST/DATABASE`. */
  readonly store: string;
  readonly logDir: string | null;
}

/** A validated configuration with the one provider that a run works for. */
export interface Configuration {
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  readonly labels: DeviceLabels;
}

export interface Session {
  readonly configuration: Configuration;
  readonly store: Store;
  readonly fleet: Fleet;
  readonly logs: Logs;
  readonly keys: KeyRing;
  readonly vault: Vault;
  /** What a run works with; without a lease it can look, and neither write records nor send. */
  readonly context: (tell: (event: RunEvent) => void, held?: Held) => RunContext;
  readonly close: () => Promise<void>;
}

/**
 * Problems of the configuration go to standard error, one a line. Throws TRUEUP_CONFIG_INVALID,
 * TRUEUP_CONFIG_NOT_FOUND, TRUEUP_PROVIDER_COUNT, and what opening the store throws. Tanium is not asked yet.
 */
export async function openSession(options: SessionOptions, io: Io, mode: StoreOptions['mode']): Promise<Session> {
  const logs = openSessionLogs(options, io);
  try {
    const configuration = await readConfiguration(options.config, io);
    return await sessionOf(configuration, options, io, logs, mode);
  } catch (error) {
    logs.close();
    throw error;
  }
}

async function sessionOf(
  configuration: Configuration,
  options: SessionOptions,
  io: Io,
  logs: Logs,
  mode: StoreOptions['mode'],
): Promise<Session> {
  const { provider } = configuration;
  const store = await openProviderStore(provider, options, io, mode);
  const keys = await keysOf(store, options, io, mode);
  const vault = vaultOf(keys);
  const fleet = openFleet(provider, io, logs);
  return {
    configuration,
    store,
    fleet,
    logs,
    keys,
    vault,
    context: (tell, held = unheld(io)) =>
      contextOf(
        configuration,
        { store, vault, fleet, cwd: io.cwd, ...auditOf(options, io), ...passwordMeans(io) },
        tell,
        held,
      ),
    close: async () => {
      await fleet.close();
      await store.close();
      logs.close();
    },
  };
}

export function openSessionLogs({ logDir }: Pick<SessionOptions, 'logDir'>, { cwd }: Io): Logs {
  return openLogs(logDir === null ? null : resolve(cwd, logDir));
}

export function openProviderStore(
  { name, fields }: Pick<DesiredProvider, 'name' | 'fields'>,
  { store }: Pick<SessionOptions, 'store'>,
  { cwd }: Io,
  mode: StoreOptions['mode'],
): Promise<Store> {
  return openStore(store, { provider: name, fields, mode }, { cwd });
}

/** What this process takes a lease with, as the verb `command`. */
export function leaseContext(store: Store, command: string, { signal }: Io, tell: LeaseContext['tell']): LeaseContext {
  return { store, clock: systemClock, holder: currentHolder(command), isDead, signal, tell };
}

function unheld({ signal }: Io): Held {
  const assert = async (): Promise<never> => {
    throw new TrueupError('TRUEUP_INTERNAL', 'Nothing may be written or sent without the lease of the provider.');
  };
  return { signal, assert };
}

/** How passwords are opened, and handed to others. */
type PasswordMeans = Pick<RunContext, 'boxes' | 'passwordCommands' | 'recipient'>;

export interface Surroundings extends PasswordMeans, Pick<RunContext, 'store' | 'vault' | 'commit' | 'witness'> {
  readonly fleet: Fleet;
  /** Where the paths of a configuration begin. */
  readonly cwd: string;
}

export function passwordMeans({ env, cwd, signal }: Io): PasswordMeans {
  return {
    boxes,
    passwordCommands: passwordCommands({ env, cwd, signal }),
    recipient: async (key) =>
      'pem' in key ? recipientOf(key.pem, 'A recovery key') : recipientOf(await readKey(key.file, cwd), key.file),
  };
}

async function readKey(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (origin) {
    throw new TrueupError('TRUEUP_RECIPIENT_INVALID', `The recovery key ${file} cannot be read.`, { origin });
  }
}

export function auditOf(
  { config, store }: Pick<SessionOptions, 'config' | 'store'>,
  io: Io,
): Pick<RunContext, 'commit' | 'witness'> {
  const [path = '.'] = config;
  return { commit: () => commitOf(resolve(io.cwd, path)), witness: witnessIn(witnessFiles(store, io)) };
}

export function contextOf(
  { desired, provider, labels }: Configuration,
  { fleet: { scanner, actions, content }, cwd, ...around }: Surroundings,
  tell: (event: RunEvent) => void,
  held: Held,
): RunContext {
  return {
    desired,
    provider,
    labels,
    ...around,
    scanner,
    actions,
    content: { fleet: content, read: (script) => readScript(script, cwd) },
    clock: systemClock,
    ids: randomIds,
    signal: held.signal,
    assertHeld: held.assert,
    by: operator(),
    tell,
  };
}

export function openFleet(provider: DesiredProvider, io: Io, logs: Logs): Fleet {
  return fleetOf(provider, {
    env: io.env,
    cwd: io.cwd,
    signal: io.signal,
    clock: systemClock,
    log: (record) => logs.api[record.error === null ? 'info' : 'warn'](record, 'tanium request'),
  });
}

/** Reads everything anew; warnings are chatter. */
export async function readConfiguration(paths: readonly string[], io: Io): Promise<Configuration> {
  const { readDesired } = await import('../desired/read.ts');
  const { problemLines } = await import('../desired/problem.ts');
  const reading = await readDesired({ paths, cwd: io.cwd, now: systemClock.now() });
  if (reading.desired === null) {
    for (const line of problemLines(reading.errors, 'error')) io.err(`${line}\n`);
    const count = reading.errors.length;
    throw new TrueupError(
      'TRUEUP_CONFIG_INVALID',
      `The configuration has ${count === 1 ? '1 error' : `${count} errors`}.`,
    );
  }
  if (io.verbosity !== 'quiet') for (const line of problemLines(reading.warnings, 'warning')) io.err(`${line}\n`);
  const { desired } = reading;
  const [provider, second] = desired.providers;
  if (provider === undefined || second !== undefined) throw notOneProvider(desired.providers);
  return { desired, provider, labels: await readLabels(desired, provider, io) };
}

function notOneProvider(providers: readonly DesiredProvider[]): TrueupError {
  const names = providers.map(({ name }) => name).join(', ');
  const found = providers.length === 0 ? 'declares no EdrProvider' : `declares ${providers.length}: ${names}`;
  return new TrueupError('TRUEUP_PROVIDER_COUNT', `The configuration ${found}.`);
}

/** Throws TRUEUP_CONFIG_INVALID, TRUEUP_SELECTOR_UNKNOWN. */
async function readLabels(desired: Desired, provider: DesiredProvider, io: Io): Promise<DeviceLabels> {
  const file = provider.deviceLabels;
  if (file === null) return new Map();
  const { parseLabels, refuseUnknownLabels } = await import('../desired/labels.ts');
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), 'utf8');
  } catch (origin) {
    throw new TrueupError('TRUEUP_CONFIG_INVALID', `The file of device labels ${file} cannot be read.`, {
      cause: 'EdrProvider.spec.deviceLabels names a file that is not there or may not be read.',
      remedy: 'Mend the path; it is relative to the working directory.',
      source: `${provider.ref.source.file}:${provider.ref.source.line}`,
      origin,
    });
  }
  const { names, devices } = parseLabels(text, file);
  refuseUnknownLabels(desired, names, file);
  return devices;
}

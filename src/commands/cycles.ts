/** Cycle after cycle of `trueup reconcile`, for one provider after the other: what the daemon's second thread does. */
import type { Held } from '../apply/lease.ts';
import { type LoopEnd, loop, type Prepared } from '../daemon/loop.ts';
import { notifier } from '../daemon/notify.ts';
import { scanInCycle } from '../daemon/scan.ts';
import { cronSchedule, everySchedule, type Schedule } from '../daemon/schedule.ts';
import { briefOf, type ErrorBrief, TrueupError } from '../errors.ts';
import type { Logs } from '../log.ts';
import type { Store } from '../ports.ts';
import { jsonLine } from '../render/json.ts';
import { vaultOf } from '../secrets/vault.ts';
import type { Io } from './io.ts';
import { scanContextOf } from './scan-context.ts';
import {
  auditOf,
  type Configuration,
  contextOf,
  openFleet,
  openProviderStore,
  openSessionLogs,
  passwordMeans,
  readConfiguration,
  type SessionOptions,
} from './session.ts';
import { type Status, statusOf } from './status.ts';
import { keysOf } from './store-keys.ts';
import { systemClock } from './system.ts';

export interface ReconcileOptions extends SessionOptions {
  /** A duration; null: not given. */
  readonly every: string | null;
  readonly cron: string | null;
  readonly once: boolean;
  readonly yes: boolean;
  /** Command line for events; null: nobody is told. */
  readonly notify: string | null;
}

const defaultEvery = '5m';

/** Whose lease is wanted. */
export type Leased = Pick<Configuration['provider'], 'name' | 'fields'>;

/** Runs `work` under the lease of a provider, as `withLease` does. */
export type Lend = <T>(leased: Leased, waitSeconds: number, work: (held: Held) => Promise<T>) => Promise<T>;

/** Answers 0 when it is stopped between two cycles; with --once as the cycle did. */
export async function cycles(options: ReconcileOptions, io: Io, lend: Lend): Promise<number> {
  const schedule = scheduleOf(options);
  const logs = openSessionLogs(options, io);
  try {
    let configuration = await readConfiguration(options.config, io);
    for (;;) {
      const store = await openProviderStore(configuration.provider, options, io, 'write');
      try {
        const end = await serve(options, io, lend, logs, schedule, store, configuration);
        if (end.next === null) return end.exitCode;
        configuration = end.next;
      } finally {
        await store.close();
      }
    }
  } finally {
    logs.close();
  }
}

interface Served {
  readonly exitCode: number;
  /** The configuration to go on with; null: the daemon ends. */
  readonly next: Configuration | null;
}

/** As long as one provider's lease is held. In the embedded store a living holder is refused, in NPS-D's waited for. */
async function serve(
  options: ReconcileOptions,
  io: Io,
  lend: Lend,
  logs: Logs,
  schedule: Schedule | null,
  store: Store,
  first: Configuration,
): Promise<Served> {
  const source = configurationSource(options, io, first);
  const status = cycleStatus(io);
  const complain = (message: string): void => io.err(`${message}\n`);
  const notify =
    options.notify === null ? async () => {} : notifier(options.notify, { cwd: io.cwd, env: io.env, complain });
  const wait = store.owner === 'embedded' ? 0 : Number.POSITIVE_INFINITY;
  const { name, fields } = first.provider;
  const vault = vaultOf(await keysOf(store, options, io, 'write'));
  const end = await lend({ name, fields }, wait, (held) =>
    loop({
      enforce: options.yes,
      schedule,
      clock: systemClock,
      signal: held.signal,
      prepare: async (): Promise<Prepared | null> => {
        const { configuration, problem } = await source.read();
        if (isMoved(first, configuration)) return null;
        const fleet = openFleet(configuration.provider, io, logs);
        const around = { store, vault, fleet, cwd: io.cwd, ...auditOf(options, io), ...passwordMeans(io) };
        const context = contextOf(configuration, around, status.tell, held);
        return {
          context,
          scan: () => scanInCycle(scanContextOf(context, { fleet, logs })),
          configProblem: problem,
          close: async () => {
            status.clear();
            await fleet.close();
          },
        };
      },
      say: (report) => {
        io.out(`${jsonLine(report)}\n`);
        logs.scan[report.error === null ? 'info' : 'error'](report, 'reconcile cycle');
      },
      notify,
    }),
  );
  return concluded(end, io, store, source.inForce());
}

function concluded({ why, exitCode, error }: LoopEnd, io: Io, store: Store, inForce: Configuration): Served {
  if (why === 'moved') return { exitCode: 0, next: inForce };
  // Another process has the lease now: wait for it to come back, as at the start.
  const lost = error instanceof TrueupError && error.code === 'TRUEUP_STORE_BUSY';
  if (why === 'stopped' && lost && !io.signal.aborted && store.owner === 'npsd') return { exitCode: 0, next: inForce };
  if (error !== null) throw error as Error;
  return { exitCode, next: null };
}

/** A service's log has one line a cycle, not one for each step of it. */
export function cycleStatus(io: Io): Status {
  const status = statusOf(io);
  if (io.statusColumns !== null) return status;
  return { tell: (event) => (event.kind === 'note' ? status.tell(event) : undefined), clear: status.clear };
}

interface ConfigurationSource {
  /** The newest configuration that is valid, and what is wrong with a newer one. */
  readonly read: () => Promise<{ readonly configuration: Configuration; readonly problem: ErrorBrief | null }>;
  readonly inForce: () => Configuration;
}

function configurationSource(options: ReconcileOptions, io: Io, first: Configuration): ConfigurationSource {
  let good = first;
  // Warnings were said once, at the start; errors are said whenever they are met.
  const quiet: Io = { ...io, verbosity: 'quiet' };
  return {
    read: async () => {
      try {
        good = await readConfiguration(options.config, quiet);
        return { configuration: good, problem: null };
      } catch (error) {
        if (!(error instanceof TrueupError)) throw error;
        io.err(`The configuration is broken; the last good one (${good.desired.digest.slice(0, 7)}) stays in force.\n`);
        return { configuration: good, problem: briefOf(error) };
      }
    },
    inForce: () => good,
  };
}

/** The store and the lease are of one provider and one map of its records. */
function isMoved({ provider: a }: Configuration, { provider: b }: Configuration): boolean {
  return a.name !== b.name || JSON.stringify(a.fields) !== JSON.stringify(b.fields);
}

function scheduleOf({ every, cron, once }: ReconcileOptions): Schedule | null {
  if ([every !== null, cron !== null, once].filter(Boolean).length > 1) {
    throw new TrueupError('TRUEUP_USAGE', '--every, --cron and --once exclude each other.');
  }
  if (once) return null;
  return cron === null ? everySchedule(every ?? defaultEvery) : cronSchedule(cron);
}

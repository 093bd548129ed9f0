/** `trueup scan`: who is administrator where, asked now; and how the last scans went. It changes no device. */
import { type Held, withLease } from '../apply/lease.ts';
import { recordCalled, scanDevice } from '../apply/scan/device.ts';
import { reportOfDevice, reportOfQueued, reportOfStep } from '../apply/scan/report.ts';
import { scanStep } from '../apply/scan/step.ts';
import { readComputers } from '../apply/survey.ts';
import { briefOf, TrueupError } from '../errors.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { scanExitCode } from '../reconcile/exit-code.ts';
import { scanJson } from '../render/scan-json.ts';
import { scanText } from '../render/scan-text.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { scanContextOf } from './scan-context.ts';
import { leaseContext, openSession, type Session, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface ScanOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  /** The group's question alone. */
  readonly bulk: boolean;
  /** Computer Name, `NAME#COMPUTERID`, the name without its domain, or the Computer ID; null: all. */
  readonly device: string | null;
  /** Past every cache. */
  readonly collectNow: boolean;
  readonly devices: boolean;
  /** Seconds to wait for another run of the provider; 0: not at all. */
  readonly wait: number;
}

/** Exits 0, 4 where a group had no time to answer, 6 where a device failed, see 1-product.md. */
export async function scan(options: ScanOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'write');
  const status = statusOf(io);
  try {
    const lease = leaseContext(session.store, 'scan', io, status.tell);
    const { name } = session.configuration.provider;
    const report = await withLease(lease, name, options.wait, (held) => scanned(session, options, status.tell, held))
      // Whoever works for the provider scans the device in its next cycle.
      .catch((error: unknown) => queued(session, options, error));
    status.clear();
    io.out(
      options.format === 'json' ? scanJson(report) : scanText(report, { ...viewOf(io), devices: options.devices }),
    );
    return scanExitCode(report);
  } catch (error) {
    session.logs.scan.error(briefOf(error), 'scan');
    throw error;
  } finally {
    status.clear();
    await session.close();
  }
}

async function scanned(
  session: Session,
  { bulk, device, collectNow }: ScanOptions,
  tell: Parameters<Session['context']>[0],
  held: Held,
): Promise<ScanReport> {
  const context = scanContextOf(session.context(tell, held), session);
  const { name } = context.provider;
  if (device !== null) return reportOfDevice(name, await scanDevice(context, device, collectNow));
  const what = bulk ? 'bulk' : 'all';
  return reportOfStep(name, bulk ? 'bulk' : 'scan', await scanStep(context, { what, collectNow }));
}

async function queued(session: Session, { device }: ScanOptions, error: unknown): Promise<ScanReport> {
  const isBusy = error instanceof TrueupError && error.code === 'TRUEUP_STORE_BUSY';
  if (!isBusy || device === null) throw error;
  const { store, configuration } = session;
  const { provider } = configuration;
  const { id, name } = recordCalled({ store, provider }, device, await readComputers(store));
  const { clock, by } = session.context(() => {});
  await store.enqueue([{ id, name, requestedAt: clock.now(), by, reason: 'asked' }]);
  return reportOfQueued(provider.name, name, error.message.replace(/\.$/, ''));
}

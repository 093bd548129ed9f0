/** What is on record, and how the store is doing. */
import { readComputers, readProvider, readToggle } from '../apply/survey.ts';
import type { TrueupError } from '../errors.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { ScanRun } from '../model/scan.ts';
import type { LeaseHolder } from '../ports.ts';
import { type DoctorContext, type Seen, unseen } from './context.ts';
import type { ProviderRecords } from './judge/npsd.ts';
import { type StoreLook, storeOpen } from './judge/store.ts';
import { seen } from './seen.ts';

export interface Records {
  readonly provider: Seen<ProviderRecords>;
  /** The toggle alone cannot be read. */
  readonly isToggleUnreadable: boolean;
  readonly computers: Seen<readonly RecordedComputer[]>;
  readonly store: Seen<StoreLook>;
  /** The last scans, newest first. */
  readonly runs: Seen<readonly ScanRun[]>;
}

const shownRuns = 20;

/** `closed`: why the store cannot be opened, so that an empty one stands in its place; null: it can. */
export async function lookAtRecords(
  context: Pick<DoctorContext, 'store' | 'provider'>,
  isDead: (holder: LeaseHolder) => boolean,
  closed: TrueupError | null,
): Promise<Records> {
  const { store, provider } = context;
  if (closed !== null) {
    const none = unseen(`${storeOpen} failed`);
    return {
      provider: none,
      isToggleUnreadable: false,
      computers: none,
      store: { kind: 'error', error: closed },
      runs: none,
    };
  }
  return {
    provider: await seen(() => readProvider(context)),
    isToggleUnreadable: (await seen(() => readToggle(context))).kind === 'error',
    computers: await seen(() => readComputers(store)),
    store: await seen(async () => ({
      health: await store.health(),
      heldBy: await store.heldBy(provider.name, isDead),
      unsettled: (await store.unsettled()).length,
      unfinished: (await store.unfinishedScanRuns()).length,
    })),
    runs: await seen(() => store.scanRuns(shownRuns)),
  };
}

/** What every store must do, whoever owns the records: one suite, run against each adapter. */
import { afterEach, beforeEach } from 'vitest';
import { defaultFields } from '../../src/model/provider-fields.ts';
import type { Store, StoreOptions } from '../../src/ports.ts';
import { auditChain } from './conformance/audit.ts';
import { slidingBudgets } from './conformance/budgets.ts';
import { computers } from './conformance/computers.ts';
import { passwords } from './conformance/credentials.ts';
import { driftLedger } from './conformance/drift.ts';
import { leases } from './conformance/leases.ts';
import { observations } from './conformance/observations.ts';
import { openedForReading } from './conformance/reading.ts';
import { providerRecords } from './conformance/records.ts';
import { retention } from './conformance/retention.ts';
import { runsAndJournal } from './conformance/runs.ts';
import { scanHistory } from './conformance/scan-history.ts';
import { scanNotes } from './conformance/scan-notes.ts';
import { scanQueue } from './conformance/scan-queue.ts';

/** One empty store for one test. */
export interface StoreUnderTest {
  /** May be opened more than once; `Production Tanium` and writing unless said otherwise. */
  open(options?: Partial<StoreOptions>): Promise<Store>;
  /** Brings a provider row about in whatever way is right for this store, its options empty, and answers its id. */
  seedProvider(name: string): Promise<string>;
  /** The same with computers whose Tanium Computer IDs and names these are; answers the ids of their records. */
  seedComputers(
    computers: readonly { readonly computerId: string; readonly name: string }[],
  ): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** The store of the test that runs, new before each. */
export interface Given {
  under: StoreUnderTest;
  store: Store;
}

export const production: StoreOptions = { provider: 'Production Tanium', fields: defaultFields, mode: 'write' };

export function conformance(create: () => Promise<StoreUnderTest>, propertyRuns: number): void {
  const given = {} as Given;
  beforeEach(async () => {
    given.under = await create();
    given.store = await given.under.open();
  });
  afterEach(async () => {
    await given.store.close();
    await given.under.dispose();
  });
  providerRecords(given);
  computers(given);
  observations(given, propertyRuns);
  scanNotes(given, propertyRuns);
  scanQueue(given);
  scanHistory(given);
  driftLedger(given);
  runsAndJournal(given);
  slidingBudgets(given);
  auditChain(given);
  passwords(given);
  leases(given);
  retention(given);
  openedForReading(given);
}

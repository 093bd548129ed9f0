/** The drift ledger, record by record: what is open first, then what is over. */
import type { DriftRecord, DriftState } from '../../model/drift.ts';
import type { DriftRow, Report } from '../../model/report.ts';
import type { Store } from '../../ports.ts';
import type { SurveyContext } from '../survey.ts';

export function reportDrift({ desired, provider, store, clock, signal }: SurveyContext): Report<'drift'> {
  return {
    head: {
      report: 'drift',
      config: desired.digest,
      provider: provider.name,
      at: clock.now(),
      scan: null,
      warnings: [],
    },
    rows: rowsOf(store, signal),
  };
}

const passes: readonly (readonly DriftState[])[] = [
  ['open', 'contested', 'pending'],
  ['accepted', 'resolved'],
];

async function* rowsOf(store: Pick<Store, 'drift'>, signal: AbortSignal): AsyncGenerator<DriftRow> {
  for (const states of passes) {
    for await (const record of store.drift({ states })) {
      signal.throwIfAborted();
      yield rowOf(record);
    }
  }
}

function rowOf(record: DriftRecord): DriftRow {
  const { device, computerId, policy, kind, subject, state, cause, actor, firstSeen, lastSeen, count } = record;
  const { at = null, log = null, check = null } = record;
  return { device, computerId, policy, kind, subject, state, cause, actor, at, log, firstSeen, lastSeen, count, check };
}

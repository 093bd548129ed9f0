/** The record of a scan: open before its first question, kept up to date meanwhile, closed with what became of it. */
import { briefOf, isInterruption } from '../../errors.ts';
import type { ScanRun, ScanStatus, ScanTotals } from '../../model/scan.ts';
import type { ScanContext } from './context.ts';

export const noTotals: ScanTotals = {
  targeted: 0,
  matched: 0,
  unmatched: 0,
  missing: 0,
  completed: 0,
  failed: 0,
  offline: 0,
  fallback: 0,
  updated: 0,
};

/** Errors of devices that a record keeps. */
export const mostErrors = 20;

export type Progress = Partial<
  Pick<ScanRun, 'totals' | 'answering' | 'retries' | 'questionId' | 'actionId' | 'errors'>
>;

export interface ScanEnd extends Progress {
  readonly status: Exclude<ScanStatus, 'running'>;
}

/** The record on the disk is at most so old while the scan runs: each batch is not worth a write. */
const writeMilliseconds = 1_000;

/** What `work` throws goes on, once the record says so. Answers the record as it was closed. */
export async function recordScan<T extends ScanEnd>(
  context: ScanContext,
  opening: Pick<ScanRun, 'kind' | 'group'>,
  work: (run: string, advanced: (progress: Progress) => Promise<void>) => Promise<T>,
): Promise<{ readonly run: ScanRun; readonly end: T }> {
  const { store, clock, requests } = context;
  const before = requests();
  const startedAt = clock.now();
  let known: ScanRun = {
    id: context.ids.next(),
    ...opening,
    provider: context.provider.name,
    startedAt,
    endedAt: null,
    status: 'running',
    questionId: null,
    actionId: null,
    totals: noTotals,
    retries: 0,
    apiCalls: 0,
    apiErrors: 0,
    durationSeconds: 0,
    errors: [],
  };
  const put = async (progress: Progress & { readonly status?: ScanStatus }): Promise<void> => {
    const { calls, errors } = requests();
    const now = clock.now();
    const status = progress.status ?? 'running';
    known = {
      ...known,
      ...picked(progress),
      status,
      ...(status === 'running' ? {} : { answering: null }),
      endedAt: status === 'running' ? null : now,
      apiCalls: calls - before.calls,
      apiErrors: errors - before.errors,
      durationSeconds: Math.max(0, Date.parse(now) - Date.parse(startedAt)) / 1000,
    };
    await store.putScanRun(known);
  };
  await put({});
  let writtenAt = Date.parse(startedAt);
  const advanced = async (progress: Progress): Promise<void> => {
    known = { ...known, ...picked(progress) };
    const now = Date.parse(clock.now());
    if (now - writtenAt < writeMilliseconds) return;
    writtenAt = now;
    await put(progress);
  };
  try {
    const end = await work(known.id, advanced);
    await put(end);
    return { run: known, end };
  } catch (error) {
    const interrupted = context.signal.aborted || isInterruption(error);
    const { code, message } = briefOf(error);
    const errors = interrupted ? known.errors : [...known.errors, `${code}: ${message}`];
    await put({ status: interrupted ? 'interrupted' : 'failed', errors });
    throw error;
  }
}

/** Without what is of the scan itself. */
function picked({ totals, answering, retries, questionId, actionId, errors }: Progress): Progress {
  return {
    ...(totals === undefined ? {} : { totals }),
    ...(answering === undefined ? {} : { answering }),
    ...(retries === undefined ? {} : { retries }),
    ...(questionId === undefined ? {} : { questionId }),
    ...(actionId === undefined ? {} : { actionId }),
    ...(errors === undefined ? {} : { errors }),
  };
}

/** Whoever has the lease of the provider knows that nobody else scans: a run without an end has died. */
export async function endDeadScans({ store, clock }: ScanContext): Promise<number> {
  const dead = await store.unfinishedScanRuns();
  for (const run of dead) await store.putScanRun({ ...run, status: 'interrupted', endedAt: clock.now() });
  return dead.length;
}

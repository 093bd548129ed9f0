/** `trueup scan --status`: the Bulk Scan Monitor, the queue and the last runs; with --watch for as long as one looks. */
import type { QueuedScan } from '../model/scan.ts';
import type { ScanStatusReport } from '../model/scan-report.ts';
import { leftBehind, scanStatusOf } from '../reconcile/scan-monitor.ts';
import { scanStatusJson } from '../render/scan-json.ts';
import { scanStatusLine, scanStatusText } from '../render/scan-status-text.ts';
import { isDead } from '../store/holder.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { systemClock } from './system.ts';

export interface ScanStatusOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  readonly watch: boolean;
}

const shownRuns = 20;
const watchMilliseconds = 1_000;

/** Exits 0; also when a look that goes on is ended. */
export async function scanStatus(options: ScanStatusOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  try {
    const show = options.watch
      ? watching(options, io)
      : (status: ScanStatusReport) => io.out(whole(status, options, io));
    show(await statusNow(session));
    while (options.watch && (await waited(io.signal))) show(await statusNow(session));
    return 0;
  } finally {
    await session.close();
  }
}

async function waited(signal: AbortSignal): Promise<boolean> {
  try {
    await systemClock.sleep(watchMilliseconds, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

async function statusNow({ store, configuration }: Session): Promise<ScanStatusReport> {
  const { name } = configuration.provider;
  const before = await store.scanRuns(shownRuns);
  const isLeft = before.some(({ status }) => status === 'running') && (await store.heldBy(name, isDead)) === null;
  // A scan that ended between the two looks has said so by now; one that says nothing is of a process that died.
  const runs = isLeft ? await store.scanRuns(shownRuns) : before;
  const queued: QueuedScan[] = [];
  for await (const request of store.queued()) queued.push(request);
  const shown = isLeft ? leftBehind(runs, queued) : { runs, queued };
  return scanStatusOf(name, shown.runs, shown.queued, systemClock.now());
}

function whole(status: ScanStatusReport, { format }: ScanStatusOptions, io: Io): string {
  return format === 'json' ? scanStatusJson(status) : scanStatusText(status, { ...viewOf(io), devices: false });
}

/** What has scrolled away cannot be drawn over: the last line is the cursor's. */
function fitting(text: string, rows: number | undefined): string {
  if (rows === undefined) return text;
  const lines = text.trimEnd().split('\n');
  return `${lines.slice(0, Math.max(1, rows - 1)).join('\n')}\n`;
}

/** A terminal is drawn anew in place; elsewhere one line tells of each change, in JSON a document on one line. */
function watching(options: ScanStatusOptions, io: Io): (status: ScanStatusReport) => void {
  let before = '';
  let lines = 0;
  if (options.format === 'text' && io.columns !== undefined) {
    return (status) => {
      const text = fitting(whole(status, options, io), io.rows);
      if (text === before) return;
      // Up to where it began, and away with all that is below.
      io.out(`${lines === 0 ? '' : `\u001b[${lines}A\u001b[0J`}${text}`);
      before = text;
      lines = text.split('\n').length - 1;
    };
  }
  return (status) => {
    const text =
      options.format === 'json' ? `${JSON.stringify(JSON.parse(scanStatusJson(status)))}\n` : scanStatusLine(status);
    if (text !== before) io.out(text);
    before = text;
  };
}

/** The Bulk Scan Monitor, the queue and the last runs, as a terminal shows them (npsd-domain.md item 134). */
import type { MonitorMetric, ReportedRun, ScanMonitor, ScanStatusReport } from '../model/scan-report.ts';
import { columns, paragraph, type Row } from './columns.ts';
import { plain } from './escape.ts';
import { foreign, phraseText } from './phrase.ts';
import { metricLimit, metricNames, metricValue, statusStyles, statusWords } from './scan-words.ts';
import { type Page, pageOf, sections, type View } from './view.ts';
import { counted, duration, grouped, minute } from './words.ts';

const barWidth = 30;
const shownRuns = 10;

export function scanStatusText(report: ScanStatusReport, view: View): string {
  const page = pageOf(view);
  return sections([
    [page.paint('strong', `scans of ${phraseText([foreign(report.provider)])}`)],
    report.monitor === null ? ['bulk scan   no data: there has been none'] : monitor(report.monitor, report.runs, page),
    [queue(report.queue)],
    runs(report.runs, page),
  ]);
}

function monitor({ run, status, progress, metrics }: ScanMonitor, all: readonly ReportedRun[], page: Page): string[] {
  const newest = all.find((one) => one.run === run);
  const group = newest?.group === null || newest === undefined ? '' : `   group ${phraseText([foreign(newest.group)])}`;
  const state = page.paint(statusStyles[status], statusWords[status]);
  const { done, of } = progress;
  const so = of === 0 ? 'no data' : `${grouped(done)} of ${counted(of, 'device')}`;
  const quiet = newest === undefined ? 0 : newest.totals.failed + newest.totals.offline;
  // Of a scan that runs nobody knows yet.
  const failures = status === 'running' && quiet === 0 ? '' : `   ${grouped(quiet)} without an answer`;
  return [
    `bulk scan   run ${plain(run)}${group}   ${state}`,
    `  progress  ${bar(done, of, page)}  ${so}${of === 0 ? '' : failures}`,
    ...columns(metrics.map(metricRow), 3, page).flat(),
    ...errors(newest?.errors ?? [], page),
  ];
}

const shownErrors = 5;

/** What went wrong, in the words of the run's record. */
function errors(all: readonly string[], page: Page): string[] {
  const lines = all.slice(0, shownErrors).flatMap((error) => {
    const text = phraseText([foreign(error)], true);
    return paragraph({ text: '  ! ', style: 'error' }, text, page);
  });
  const rest = all.length - shownErrors;
  return rest > 0 ? [...lines, page.paint('dim', `    and ${grouped(rest)} more, see --json`)] : lines;
}

function metricRow(metric: MonitorMetric): Row {
  const { state, action } = metric;
  const sign = { ok: '✓', abnormal: '✗', 'no-data': '·' }[state];
  const style = ({ ok: 'add', abnormal: 'error', 'no-data': 'dim' } as const)[state];
  return {
    lead: { text: sign, style },
    cells: [
      { text: metricNames[metric.metric] },
      { text: metricValue(metric), align: 'right' },
      { text: `expected ${metricLimit(metric)}`, style: 'dim' },
      { text: action ?? '', style: 'error' },
    ],
  };
}

function bar(done: number, of: number, page: Page): string {
  const width = filled(done, of, barWidth);
  return `${page.paint('add', '█'.repeat(width))}${page.paint('dim', '░'.repeat(barWidth - width))}`;
}

function queue({ waiting, inProgress, oldest }: ScanStatusReport['queue']): string {
  if (waiting + inProgress === 0) return 'queue       empty';
  const since = oldest === null ? '' : `, the first since ${minute(oldest)}`;
  return `queue       ${grouped(waiting)} waiting${since}; ${grouped(inProgress)} in progress`;
}

/** One line a run, newest first: the bar is the share of its devices that were scanned. */
function runs(all: readonly ReportedRun[], page: Page): string[] {
  if (all.length === 0) return ['last scans   no data: there has been none'];
  const rows = all.slice(0, shownRuns).map(({ startedAt, kind, status, totals, durationSeconds }): Row => {
    const of = totals.matched + totals.missing;
    return {
      lead: { text: status === 'completed' ? '✓' : status === 'running' ? '…' : '!', style: statusStyles[status] },
      cells: [
        { text: minute(startedAt) },
        { text: kind },
        { text: chart(totals.completed, of) },
        { text: of === 0 ? 'no data' : `${grouped(totals.completed)} of ${grouped(of)}`, align: 'right' },
        { text: status === 'running' ? '' : duration(durationSeconds * 1000), align: 'right' },
        { text: status, style: statusStyles[status] },
      ],
    };
  });
  return [page.paint('strong', 'last scans'), ...columns(rows, 5, page).flat()];
}

const chartWidth = 20;

function chart(done: number, of: number): string {
  const width = filled(done, of, chartWidth);
  return `${'▇'.repeat(width)}${'·'.repeat(chartWidth - width)}`;
}

/** Of so many cells: all only when all are done, and none until one is. */
function filled(done: number, of: number, cells: number): number {
  return of === 0 ? 0 : Math.min(cells, Math.floor((done / of) * cells));
}

/** One line, for where nothing can be drawn over. */
export function scanStatusLine({ monitor: now, queue: { waiting, inProgress } }: ScanStatusReport): string {
  const rest = `queue ${grouped(waiting)} waiting, ${grouped(inProgress)} in progress`;
  if (now === null) return `bulk scan no data   ${rest}\n`;
  const { run, status, progress, metrics } = now;
  const so = progress.of === 0 ? 'no data' : `${grouped(progress.done)} of ${counted(progress.of, 'device')}`;
  const abnormal = metrics.filter(({ state }) => state === 'abnormal');
  const figures = abnormal.map((metric) => `${metricNames[metric.metric]} ${metricValue(metric)}: ${metric.action}`);
  return `${[`bulk scan ${plain(run)}`, statusWords[status], so, ...figures, rest].join('   ')}\n`;
}

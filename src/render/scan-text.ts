/** What a scan came to, as a person reads it. */
import type { ReportedDevice, ScanReport } from '../model/scan-report.ts';
import { columns, paragraph, type Row } from './columns.ts';
import { plain } from './escape.ts';
import { foreign, phraseText } from './phrase.ts';
import { mismatchText, scanVerdict, statusWords } from './scan-words.ts';
import { listed, moreText, type Page, pageOf, sections, type View } from './view.ts';
import { wrap } from './width.ts';
import { counted, duration, grouped } from './words.ts';

const mostDevices = 20;

export function scanText(report: ScanReport, view: View): string {
  const page = pageOf(view);
  const isOne = report.kind === 'device';
  return sections([
    wrap(headOf(report), page.width),
    isOne || report.run === null ? [] : figures(report, page),
    report.nobody === null ? [] : paragraph({ text: '! ', style: 'error' }, plain(report.nobody), page, 'error'),
    mismatchLines(report, page),
    isOne ? administrators(report, page) : devices(report.devices, page),
    paragraph({ text: '' }, scanVerdict(report), page, 'strong'),
  ]);
}

function headOf({ run, kind, group, device, status, seconds }: ScanReport): string {
  const whole = kind === 'bulk' ? 'bulk scan' : 'scan';
  const what = kind === 'device' ? phraseText([foreign(device?.device ?? '')]) : whole;
  const whom = group === null ? '' : `   group ${phraseText([foreign(group)])}`;
  const which = run === null ? '' : `   run ${plain(run)}   ${duration(seconds * 1000)}`;
  return `${what}${whom}${which}   ${statusWords[status]}`;
}

function figures(report: ScanReport, page: Page): string[] {
  const {
    completed,
    failed,
    skipped,
    offline,
    missing,
    unmatched,
    updated,
    fallback,
    retried,
    matched,
    apiCalls,
    apiErrors,
  } = report;
  const rows: readonly (readonly [sign: string, text: string, count: number, note: string])[] = [
    ['✓', 'scanned', completed, `of ${counted(matched + missing, 'device')}`],
    ['~', 'answer otherwise than before', updated, ''],
    ['✗', 'failed', failed - skipped, ''],
    ['·', 'skipped', skipped, 'each for the reason below'],
    ['?', 'do not answer', offline, ''],
    ['?', 'not found in Tanium', missing, ''],
    ['·', 'in Tanium and not on record', unmatched, unmatched === 0 ? '' : 'scanned, and nothing kept'],
    [
      '·',
      'left to be scanned one by one',
      fallback,
      retried === 0 ? '' : `after ${counted(retried, 'retry', 'retries')}`,
    ],
    ['·', 'requests to Tanium', apiCalls, apiErrors === 0 ? '' : `${grouped(apiErrors)} failed`],
  ];
  const shown = rows.filter(([sign, , count]) => count > 0 || sign === '✓');
  return columns(
    shown.map(([sign, text, count, note]): Row => {
      const style = sign === '✗' ? 'error' : sign === '?' || sign === '~' ? 'change' : sign === '✓' ? 'add' : 'dim';
      return {
        lead: { text: sign, style },
        cells: [{ text }, { text: grouped(count), align: 'right' }, { text: note, style: 'dim' }],
      };
    }),
    0,
    page,
  ).flat();
}

function mismatchLines({ mismatch }: ScanReport, page: Page): string[] {
  const text = mismatch === null ? null : mismatchText(mismatch);
  if (mismatch === null || text === null) return [];
  const isWarning = mismatch.level === 'warn';
  const style = isWarning ? ('change' as const) : ('dim' as const);
  const label = { text: isWarning ? '! ' : '  ', style };
  const advice = mismatch.advice === null ? [] : paragraph({ text: '  ' }, mismatch.advice, page, 'dim');
  return [...paragraph(label, text, page, style), ...advice];
}

function devices(all: readonly ReportedDevice[], page: Page): string[] {
  if (all.length === 0) return [];
  const { shown, rest } = listed(all, mostDevices, page);
  const rows = shown.map(
    ({ device, failure, message }): Row => ({
      lead: { text: '!', style: 'change' },
      cells: [
        { text: phraseText([foreign(device)], page.devices) },
        { text: plain(failure ?? '') },
        { text: phraseText([foreign(message)], true), style: 'dim' },
      ],
    }),
  );
  return [
    page.paint('strong', counted(all.length, 'device not scanned', 'devices not scanned')),
    ...columns(rows, 2, page).flat(),
    ...moreText(rest.length, page),
  ];
}

function administrators({ device, names }: ScanReport, page: Page): string[] {
  if (device === null || device.administrators === null) return [];
  const rows = device.administrators.map((sid): Row => {
    const name = names[sid];
    const who = name === undefined ? 'not resolved' : phraseText([foreign(name)]);
    return { lead: { text: ' ' }, cells: [{ text: who }, { text: plain(sid), style: 'dim' }] };
  });
  return [
    page.paint('strong', counted(device.administrators.length, 'administrator')),
    ...columns(rows, 1, page).flat(),
  ];
}

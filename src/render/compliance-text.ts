/** A compliance report as a person reads it: what fails where, and beside it how much of each baseline holds. */
import type { BaselineResult, CheckResult, Compliance, Severity, Unknown } from '../model/compliance.ts';
import type { PostureValue } from '../model/posture.ts';
import { compareText } from '../model/sid.ts';
import { belowRow, type Cell, columns, flow, paragraph, type Row, spread } from './columns.ts';
import {
  complianceVerdict,
  demandPhrase,
  devicesWords,
  failWords,
  narrowedPhrase,
  ownUnknown,
  postureWords,
  scoreWords,
  sharedUnknown,
  sortedChecks,
} from './compliance-words.ts';
import { plain } from './escape.ts';
import { foreign, phraseText } from './phrase.ts';
import { type Page, pageOf, sections, type View } from './view.ts';
import { cellWidth } from './width.ts';
import { counted, grouped, place, valueText } from './words.ts';

/** Without `--devices`: so many names, and so many values, of one check. */
const shownDevices = 3;
const shownValues = 3;

export function complianceText(report: Compliance, view: View): string {
  const page = pageOf(view);
  return sections([
    headText(report, page),
    ...report.baselines.map((baseline) => baselineText(baseline, report, page)),
    report.warnings.flatMap((warning) => paragraph({ text: '! ', style: 'change' }, plain(warning), page)),
    // One line however long: scripts read the last one.
    [page.paint('strong', complianceVerdict(report))],
  ]);
}

function headText(report: Compliance, page: Page): string[] {
  const narrow = narrowedPhrase(report);
  const inputs: Cell[] = [
    { text: 'compliance', style: 'strong' },
    { text: `config ${report.config.slice(0, 7)}` },
    { text: postureWords(report) },
    ...(narrow === null ? [] : [{ text: phraseText(narrow) }]),
  ];
  const { missing } = report.scan;
  return [
    ...flow(inputs, '', '   ', page),
    devicesWords(report.devices),
    ...(missing === null ? [] : paragraph({ text: 'no data: ' }, plain(missing), page, 'error')),
  ];
}

function baselineText(baseline: BaselineResult, { only, scan }: Compliance, page: Page): string[] {
  const single = (only?.device ?? null) !== null;
  const whole = page.devices || single;
  const shared = sharedUnknown(baseline);
  const checks = sortedChecks(baseline);
  const shown = whole ? checks : checks.filter((check) => isNews(check, shared));
  const folded = whole ? [] : checks.filter((check) => !isNews(check, shared));
  const lines = columns(
    shown.map((check) => rowOf(check, single)),
    0,
    page,
  );
  return [
    ...titleText(baseline, page),
    // The reason that all share has been told at the top.
    ...(scan.missing === null ? shared.flatMap((one) => unknownText(one, '  ? ', page)) : []),
    ...shown.flatMap((check, index) => [
      ...(lines[index] ?? []),
      ...(single ? singleText(check, shared, page) : detailText(check, shared, whole, page)),
    ]),
    ...silentText(folded.filter(hasNoData), checks.length, page),
    ...passedText(folded.filter((check) => !hasNoData(check)).length, checks.length, page),
  ];
}

/** A check of which nobody said anything is not told of by itself. */
function isNews(check: CheckResult, shared: readonly Unknown[]): boolean {
  return !hasNoData(check) && (check.counts.failed > 0 || ownUnknown(check, shared).length > 0);
}

function hasNoData({ counts: { passed, failed } }: CheckResult): boolean {
  return passed + failed === 0;
}

function titleText({ baseline, source, devices, score }: BaselineResult, page: Page): string[] {
  const title: Cell = { text: phraseText([foreign(baseline), ` · ${scoreWords(score)}`]), style: 'strong' };
  const by: Cell = { text: phraseText([foreign(place(source))]), style: 'dim' };
  const fits = [title, by].every(({ text }) => cellWidth(text) <= page.width);
  const lines = fits ? spread(title, by, page) : [title, by].flatMap((cell) => flow([cell], '', '', page));
  return [...lines, page.paint('dim', `  ${devicesWords(devices)}`)];
}

/** Of one device, a share says nothing. */
function rowOf(check: CheckResult, single: boolean): Row {
  const { counts, severity, score } = check;
  return {
    lead: leadOf(check),
    cells: [
      { text: phraseText(demandPhrase(check), true) },
      counts.failed > 0 ? severityCell(severity) : { text: severity, style: 'dim' },
      { text: failWords(check), align: 'right' },
      ...(single ? [] : [{ text: scoreWords(score), align: 'right' } as const]),
    ],
  };
}

function leadOf({ counts: { passed, failed } }: CheckResult): Cell {
  if (failed > 0) return { text: '✗', style: 'error' };
  return passed > 0 ? { text: '✓', style: 'add' } : { text: '?', style: 'dim' };
}

function severityCell(severity: Severity): Cell {
  if (severity === 'critical' || severity === 'high') return { text: severity, style: 'error' };
  return severity === 'info' ? { text: severity } : { text: severity, style: 'change' };
}

/** Of one device, whose name stands above. */
function singleText(check: CheckResult, shared: readonly Unknown[], page: Page): string[] {
  return [
    ...check.failing.flatMap(({ found }) =>
      paragraph({ text: belowRow }, phraseText(['found ', foreign(valueText(found))]), page, 'dim'),
    ),
    ...ownUnknown(check, shared).flatMap(({ why }) => paragraph({ text: belowRow }, plain(why), page, 'dim')),
  ];
}

function detailText(check: CheckResult, shared: readonly Unknown[], whole: boolean, page: Page): string[] {
  const values = whole ? check.failing : check.failing.slice(0, shownValues);
  const rest = check.failing.slice(values.length);
  const left = rest.reduce((sum, { devices }) => sum + devices.length, 0);
  return [
    ...values.flatMap(({ found, devices }) => foundText(found, devices, page)),
    ...(rest.length === 0
      ? []
      : [`${belowRow}and ${counted(rest.length, 'other value')} on ${counted(left, 'device')}`]),
    ...ownUnknown(check, shared).flatMap((one) => unknownText(one, `${belowRow}? `, page)),
  ];
}

function foundText(found: PostureValue, devices: readonly string[], page: Page): string[] {
  const value = phraseText([foreign(valueText(found))]);
  return paragraph({ text: belowRow }, `${value} on ${devicesText(devices, page)}`, page, 'dim');
}

function unknownText({ why, devices }: Unknown, label: string, page: Page): string[] {
  return paragraph({ text: label }, `${plain(why)}: ${devicesText(devices, page)}`, page, 'dim');
}

/** `SRV-1, SRV-2` or, of many, `12 devices: SRV-1, … and 7 more`. */
function devicesText(devices: readonly string[], page: Page): string {
  const shown = page.devices ? devices : devices.slice(0, shownDevices);
  const names = shown.map((device) => phraseText([foreign(device)], page.devices)).join(', ');
  const left = devices.length - shown.length;
  if (left === 0) return names;
  return `${counted(devices.length, 'device')}: ${names} and ${grouped(left)} more`;
}

/** Where it is all of them, which they are says nothing. */
function silentText(checks: readonly CheckResult[], all: number, page: Page): string[] {
  if (checks.length === 0) return [];
  if (checks.length === all) return [`  ${page.paint('dim', '?')} ${counted(all, 'check')} without data`];
  const paths = [...new Set(checks.map(({ path }) => path))].toSorted(compareText);
  const names = paths.map((path) => phraseText([foreign(path)])).join(', ');
  return paragraph({ text: '  ? ', style: 'dim' }, `${counted(checks.length, 'check')} without data: ${names}`, page);
}

function passedText(passed: number, all: number, page: Page): string[] {
  if (passed === 0) return [];
  const words = passed === all ? `all ${counted(passed, 'check')} passed` : `${counted(passed, 'more check')} passed`;
  return [`  ${page.paint('add', '✓')} ${words}`];
}

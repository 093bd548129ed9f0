import type { BaselineResult, CheckResult, Compliance, Unknown } from '../model/compliance.ts';
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
import { fitting } from './fitting.ts';
import { code, details, type Heading, longestComment, phraseMarkdown, prose, table } from './markdown.ts';
import { sections } from './view.ts';
import { counted, grouped, place, valueText } from './words.ts';

interface Level {
  /** Devices that a row names. */
  readonly devices: number;
  /** Checks of one baseline, and baselines. */
  readonly rows: number;
  /** Cells of a name. */
  readonly name: number;
}

const all = Number.POSITIVE_INFINITY;

/** The last has no rows at all, and so an end. */
const levels: readonly Level[] = [
  { devices: 50, rows: all, name: 80 },
  { devices: 10, rows: all, name: 80 },
  { devices: 2, rows: all, name: 80 },
  { devices: 0, rows: 100, name: 80 },
  { devices: 0, rows: 20, name: 60 },
  { devices: 0, rows: 5, name: 40 },
  { devices: 0, rows: 0, name: 40 },
];

const longestSentence = 300;
/** Values of one check, and reasons. */
const mostValues = 5;

/** What fails as a table for each baseline, what holds folded away; at most 60,000 characters. */
export function complianceMarkdown(report: Compliance): string {
  return fitting(levels, longestComment, (level) =>
    sections([
      headLines(report),
      report.scan.missing === null ? [] : ['> [!CAUTION]', `> No data: ${prose(report.scan.missing, longestSentence)}`],
      ...report.baselines.slice(0, level.rows).map((baseline) => baselineLines(baseline, level)),
      moreLines(report.baselines.length - level.rows, 'baseline'),
      report.warnings.slice(0, level.rows).map((warning) => `- ${prose(warning, longestSentence)}`),
    ]),
  );
}

function headLines(report: Compliance): string[] {
  const narrow = narrowedPhrase(report);
  const inputs = [
    `config ${code(report.config.slice(0, 7), 7)}`,
    postureWords(report),
    devicesWords(report.devices),
    ...(narrow === null ? [] : [phraseMarkdown(narrow, 80)]),
  ];
  return ['## Trueup compliance', '', `**${complianceVerdict(report)}**`, '', inputs.join(' · ')];
}

const headings: readonly Heading[] = [
  { text: 'Check' },
  { text: 'Severity' },
  { text: 'Score', align: 'right' },
  { text: 'Devices' },
  { text: 'Found' },
];

function baselineLines(baseline: BaselineResult, level: Level): string[] {
  const shared = sharedUnknown(baseline);
  const checks = sortedChecks(baseline);
  const open = checks.filter((check) => check.counts.failed > 0);
  const closed = checks.slice(open.length);
  const { baseline: name, source, devices, score } = baseline;
  return [
    `### ${code(name, level.name)}: ${scoreWords(score)}`,
    '',
    `${devicesWords(devices)} · ${code(place(source), level.name)}`,
    ...shared.slice(0, mostValues).flatMap((one) => ['', `Unknown: ${unknownCell(one, level)}`]),
    ...checkLines(open, shared, level),
    ...(closed.length === 0 || level.rows === 0
      ? []
      : ['', ...details(closedWords(closed), checkLines(closed, shared, level).slice(1))]),
  ];
}

function closedWords(checks: readonly CheckResult[]): string {
  const passed = checks.filter(({ counts }) => counts.passed > 0).length;
  return passed === checks.length
    ? `${counted(passed, 'check')} passed`
    : `${counted(passed, 'check')} passed, ${grouped(checks.length - passed)} without data`;
}

function checkLines(checks: readonly CheckResult[], shared: readonly Unknown[], level: Level): string[] {
  if (checks.length === 0) return [];
  const shown = checks.slice(0, level.rows);
  const rows = shown.map((check) => [
    phraseMarkdown(demandPhrase(check), level.name),
    check.severity,
    scoreWords(check.score),
    failWords(check),
    foundCell(check, shared, level),
  ]);
  const more = moreLines(checks.length - shown.length, 'check');
  return ['', ...(rows.length === 0 ? [] : table(headings, rows)), ...(more.length === 0 ? [] : ['', ...more])];
}

function foundCell(check: CheckResult, shared: readonly Unknown[], level: Level): string {
  const found = check.failing
    .slice(0, mostValues)
    .map((one) => `${code(valueText(one.found), level.name)} on ${devicesCell(one.devices, level)}`);
  const unknown = ownUnknown(check, shared).slice(0, mostValues);
  const left = check.failing.length - found.length;
  return [
    ...found,
    ...(left > 0 ? [`and ${counted(left, 'other value')}`] : []),
    ...unknown.map((one) => `unknown: ${unknownCell(one, level)}`),
  ].join('; ');
}

function unknownCell({ why, devices }: Unknown, level: Level): string {
  return `${prose(why, longestSentence)} (${devicesCell(devices, level)})`;
}

function devicesCell(devices: readonly string[], level: Level): string {
  const named = devices.slice(0, level.devices).map((device) => code(device, level.name));
  if (named.length === 0) return counted(devices.length, 'device');
  const left = devices.length - named.length;
  return `${named.join(', ')}${left === 0 ? '' : ` and ${grouped(left)} more`}`;
}

function moreLines(left: number, what: string): string[] {
  return left > 0 ? [`${counted(left, what)} not shown here: \`trueup compliance --devices\` shows all.`] : [];
}

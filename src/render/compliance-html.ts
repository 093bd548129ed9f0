/** A compliance report as one page for a browser: what fails first, of each baseline, with the devices behind it. */
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
import { couldFit, fitting } from './fitting.ts';
import { type Column, type Html, html, joined, name, nothing, phraseHtml, type Row, sentence, table } from './html.ts';
import { longestPage, page } from './html-page.ts';
import { devicesCell, type HtmlLevel } from './plan-html-changes.ts';
import { counted, place, valueText } from './words.ts';

const all = Number.POSITIVE_INFINITY;
const noNames = 'some names of devices';
const noRows = 'names of devices, and some of the checks';

/** The last has no rows at all, and so an end. */
const levels: readonly HtmlLevel[] = [
  { devices: all, rows: all, name: 400, without: null },
  { devices: 2000, rows: all, name: 200, without: noNames },
  { devices: 200, rows: all, name: 200, without: noNames },
  { devices: 20, rows: all, name: 200, without: noNames },
  { devices: 0, rows: 1000, name: 100, without: noRows },
  { devices: 0, rows: 50, name: 60, without: noRows },
  { devices: 0, rows: 0, name: 60, without: noRows },
];

const longestSentence = 400;
/** Values of one check, and reasons: a text can be anything. */
const mostValues = 20;

/** A letter and a line feed; the tags of what was found. */
const shortest = { name: 2, row: 30 };

export function complianceHtml(report: Compliance): string {
  const lists = report.baselines.flatMap(({ checks }) =>
    checks.flatMap(({ failing, unknown }) => [...failing.slice(0, mostValues), ...unknown.slice(0, mostValues)]),
  );
  const worthIt = levels.filter((level) => couldFit(lists, level, shortest, longestPage));
  return fitting(worthIt, longestPage, (level) => {
    const shown = report.baselines.slice(0, level.rows === 0 ? 0 : all);
    return page(
      'Trueup compliance',
      headOf(report, level),
      html`${shown.map((baseline) => baselineSection(baseline, level))}${warningSection(report, level)}`,
    );
  });
}

function headOf(report: Compliance, level: HtmlLevel): Html {
  const narrow = narrowedPhrase(report);
  const { missing } = report.scan;
  const inputs = [
    html`config <code>${report.config.slice(0, 7)}</code>`,
    html`provider ${name(report.provider, level.name)}`,
    html`${postureWords(report)}`,
    html`${devicesWords(report.devices)}`,
    ...(narrow === null ? [] : [phraseHtml(narrow, level.name)]),
  ];
  return html`<h1>Trueup compliance</h1>
<p class="verdict">${complianceVerdict(report)}</p>
<p class="inputs">${joined(inputs, ' · ')}</p>
${missing === null ? nothing : html`<p class="refusal" role="note">No data: ${sentence(missing, longestSentence)}</p>`}
${shortened(level)}`;
}

function shortened({ without }: HtmlLevel): Html {
  if (without === null) return nothing;
  return html`<p class="note" role="note">Shortened to stay light, without ${without}. The whole report is in <code>trueup
compliance --devices</code> and <code>trueup compliance --json</code>; what is not listed here, the filter does not find.</p>
`;
}

const columns: readonly Column[] = [
  { text: 'Check' },
  { text: 'Severity' },
  { text: 'Score', align: 'right' },
  { text: 'Devices' },
  { text: 'Found' },
  { text: 'Declared by' },
];

function baselineSection(baseline: BaselineResult, level: HtmlLevel): Html {
  const shared = sharedUnknown(baseline);
  const checks = sortedChecks(baseline);
  const shown = checks.slice(0, level.rows);
  const left = checks.length - shown.length;
  const caption = `Checks of ${baseline.baseline}`;
  return html`<section>
<h2>${name(baseline.baseline, level.name)}: ${scoreWords(baseline.score)}</h2>
<p class="inputs">${devicesWords(baseline.devices)} · ${name(place(baseline.source), level.name)}</p>
${shared.slice(0, mostValues).map((one) => html`<p>Unknown: ${unknownCell(one, level)}</p>\n`)}${table(
  caption,
  columns,
  shown.map((check) => rowOf(check, shared, level)),
)}${left === 0 ? nothing : html`<p>And ${counted(left, 'more check')}.</p>\n`}</section>
`;
}

function rowOf(check: CheckResult, shared: readonly Unknown[], level: HtmlLevel): Row {
  const { failed, passed } = check.counts;
  const sign = failed > 0 ? '✗' : passed > 0 ? '✓' : '?';
  return {
    id: null,
    style: failed > 0 ? 'remove' : passed > 0 ? 'add' : 'quiet',
    cells: [
      html`<span class="sign">${sign}</span> ${phraseHtml(demandPhrase(check), level.name)}`,
      html`${check.severity}`,
      html`${scoreWords(check.score)}`,
      html`${failWords(check)}`,
      foundCell(check, shared, level),
      name(place(check.source), level.name),
    ],
  };
}

function foundCell(check: CheckResult, shared: readonly Unknown[], level: HtmlLevel): Html {
  const found = check.failing
    .slice(0, mostValues)
    .map((one) => html`<div>${name(valueText(one.found), level.name)} on ${devicesCell(one.devices, level)}</div>`);
  const left = check.failing.length - found.length;
  const more = left > 0 ? html`<div class="below">and ${counted(left, 'other value')}</div>` : nothing;
  const unknown = ownUnknown(check, shared)
    .slice(0, mostValues)
    .map((one) => html`<div class="below">unknown: ${unknownCell(one, level)}</div>`);
  return html`${found}${more}${unknown}`;
}

function unknownCell({ why, devices }: Unknown, level: HtmlLevel): Html {
  return html`${sentence(why, longestSentence)}: ${devicesCell(devices, level)}`;
}

function warningSection({ warnings }: Compliance, level: HtmlLevel): Html {
  const lines = warnings.slice(0, level.rows).map((warning) => html`<li>${sentence(warning, longestSentence)}</li>\n`);
  if (lines.length === 0) return nothing;
  return html`<section>
<h2>Warnings</h2>
<ul>
${lines}</ul>
</section>
`;
}

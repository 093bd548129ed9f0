import type { Check, DoctorReport } from '../model/doctor.ts';
import { doctorVerdict, partsOf, statusWords } from './doctor-words.ts';
import { fitting } from './fitting.ts';
import { code, details, longestComment, prose, table } from './markdown.ts';
import { sections } from './view.ts';

/** Cells of a sentence; the last level shows nothing but what is not well, cut short. */
const levels: readonly number[] = [600, 300, 120, 60];

const headings = ['Check', 'Status', 'Found', 'To do'].map((text) => ({ text }));

/** What is not well as a table, all the rest folded away; at most 60,000 characters. */
export function doctorMarkdown(report: DoctorReport): string {
  return fitting(levels, longestComment, (width) => {
    const bad = report.checks.filter(isNews);
    return sections([
      ['## Trueup doctor', '', `**${doctorVerdict(report)}**`],
      bad.length === 0 ? [] : rowsOf(bad, width),
      ...partsOf(report).flatMap(({ title, checks }) => {
        const rest = checks.filter((check) => !isNews(check));
        return rest.length === 0 ? [] : [details(`${title}: ${rest.length}`, rowsOf(rest, width))];
      }),
    ]);
  });
}

function isNews({ status }: Check): boolean {
  return status === 'fail' || status === 'warn';
}

function rowsOf(checks: readonly Check[], width: number): string[] {
  return table(
    headings,
    checks.map(({ id, status, message, remedy }) => [
      code(id, width),
      statusWords[status],
      prose(message, width),
      remedy === null || status === 'ok' ? '' : prose(remedy, width),
    ]),
  );
}

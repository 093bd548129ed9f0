/** A diagnosis as one page for a browser. */
import type { Check, CheckStatus, DoctorReport } from '../model/doctor.ts';
import { doctorVerdict, partsOf, statusWords } from './doctor-words.ts';
import { fitting } from './fitting.ts';
import { type Column, type Html, html, name, type Row, sentence, table } from './html.ts';
import { longestPage, page } from './html-page.ts';

/** Cells of a sentence. */
const levels: readonly number[] = [2000, 400, 100];

const columns: readonly Column[] = ['Check', 'Status', 'Found', 'To do'].map((text) => ({ text }));

const styles: Readonly<Record<CheckStatus, Row['style']>> = {
  ok: 'add',
  info: null,
  warn: 'change',
  fail: 'remove',
  skipped: 'quiet',
};

export function doctorHtml(report: DoctorReport): string {
  const head = html`<h1>Trueup doctor</h1>
<p class="verdict">${doctorVerdict(report)}</p>
<p class="inputs">${name(report.provider, 200)} · ${report.at}</p>
`;
  return fitting(levels, longestPage, (width) => {
    const parts = partsOf(report).map(({ title, checks }) => {
      return html`<section>
<h2>${title}</h2>
${table(
  title,
  columns,
  checks.map((check) => rowOf(check, width)),
)}</section>
`;
    });
    return page('Trueup doctor', head, html`${parts}`);
  });
}

function rowOf({ id, status, message, remedy }: Check, width: number): Row {
  const cells: Html[] = [
    name(id, width),
    html`${statusWords[status]}`,
    sentence(message, width),
    remedy === null || status === 'ok' ? html`` : sentence(remedy, width),
  ];
  return { id: null, style: styles[status], cells };
}

/** The drift ledger as one page for a browser: what is open first, what is over below it. */
import type { DriftRecord } from '../model/drift.ts';
import { ambiguousNames, type WithSid } from './change-phrase.ts';
import { causePhrase, driftVerdict, foundPhrase, openStates, sortedDrift, timeWords } from './drift-words.ts';
import { fitting } from './fitting.ts';
import { type Column, type Html, html, name, nothing, phraseHtml, type Row, table } from './html.ts';
import { longestPage, page } from './html-page.ts';
import { counted, grouped } from './words.ts';

/** Rows of each table; the last level has none, and so an end. */
const levels: readonly number[] = [10_000, 3000, 500, 50, 0];

const columns: readonly Column[] = ['Device', 'Found', 'State', 'Cause', 'Seen', 'Policy'].map((text) => ({ text }));
/** Cells of a name. */
const longestName = 200;

export function driftHtml(records: readonly DriftRecord[]): string {
  const withSid = ambiguousNames(records.map(({ subject }) => subject));
  const sorted = sortedDrift(records);
  const open = sorted.filter(({ state }) => openStates.includes(state));
  const over = sorted.filter(({ state }) => !openStates.includes(state));
  const head = html`<h1>Trueup drift</h1>
<p class="verdict">${driftVerdict(records)}</p>
`;
  return fitting(levels, longestPage, (rows) => {
    const parts = [
      recordSection('Open', open, withSid, rows),
      recordSection('Resolved or accepted', over, withSid, rows),
    ];
    return page('Trueup drift', head, html`${parts}`);
  });
}

function recordSection(title: string, records: readonly DriftRecord[], withSid: WithSid, most: number): Html {
  if (records.length === 0) return nothing;
  const shown = records.slice(0, most);
  const left = records.length - shown.length;
  const body =
    shown.length === 0
      ? nothing
      : table(
          title,
          columns,
          shown.map((record) => rowOf(record, withSid)),
        );
  const more =
    left === 0
      ? nothing
      : html`<p class="note" role="note">${counted(left, 'record')} not shown here: <code>trueup drift --devices</code>
shows them all.</p>
`;
  return html`<section>
<h2>${title}: ${grouped(records.length)}</h2>
${more}${body}</section>
`;
}

function rowOf(record: DriftRecord, withSid: WithSid): Row {
  return {
    id: null,
    style: openStates.includes(record.state) ? null : 'quiet',
    cells: [
      name(record.device, longestName),
      phraseHtml(foundPhrase(record, withSid), longestName),
      html`${record.state}`,
      phraseHtml(causePhrase(record), longestName),
      html`${timeWords(record)}`,
      name(record.policy, longestName),
    ],
  };
}

import type { DriftRecord } from '../model/drift.ts';
import { ambiguousNames, type WithSid } from './change-phrase.ts';
import { causePhrase, driftVerdict, foundPhrase, openStates, sortedDrift, timeWords } from './drift-words.ts';
import { fitting } from './fitting.ts';
import { code, details, longestComment, phraseMarkdown, table } from './markdown.ts';
import { sections } from './view.ts';
import { counted } from './words.ts';

/** Rows of each table; the last level has none, and so an end. */
const levels: readonly number[] = [Number.POSITIVE_INFINITY, 500, 200, 50, 10, 0];

const headings = ['Device', 'Found', 'State', 'Cause', 'Seen', 'Policy'].map((text) => ({ text }));
/** Cells of a name. */
const longestName = 80;

/** What is open as a table, what is over folded away; at most 60,000 characters. */
export function driftMarkdown(records: readonly DriftRecord[]): string {
  const withSid = ambiguousNames(records.map(({ subject }) => subject));
  const sorted = sortedDrift(records);
  const open = sorted.filter(({ state }) => openStates.includes(state));
  const over = sorted.filter(({ state }) => !openStates.includes(state));
  return fitting(levels, longestComment, (rows) =>
    sections([
      ['## Trueup drift', '', `**${driftVerdict(records)}**`],
      open.length === 0 ? [] : recordLines(open, withSid, rows),
      over.length === 0 ? [] : details(`Resolved or accepted: ${over.length}`, recordLines(over, withSid, rows)),
    ]),
  );
}

function recordLines(records: readonly DriftRecord[], withSid: WithSid, most: number): string[] {
  const shown = records.slice(0, most);
  const left = records.length - shown.length;
  const rows = shown.map((record) => [
    code(record.device, longestName),
    phraseMarkdown(foundPhrase(record, withSid), longestName),
    record.state,
    phraseMarkdown(causePhrase(record), longestName),
    timeWords(record),
    code(record.policy, longestName),
  ]);
  const more =
    left === 0 ? [] : ['', `${counted(left, 'record')} not shown here: \`trueup drift --devices\` shows them all.`];
  return rows.length === 0 ? more.slice(1) : [...table(headings, rows), ...more];
}

/** What a report shows of each row: one value a column for a spreadsheet, a phrase a cell for a person. */
import type { Source } from '../model/desired.ts';
import type { AdministratorRow, CheckRow, DriftRow, Report, ReportName } from '../model/report.ts';
import { memberPhrase } from './change-phrase.ts';
import { demandPhrase } from './compliance-words.ts';
import { causePhrase, foundPhrase, openStates, timeWords } from './drift-words.ts';
import { foreign, type Phrase, phraseText } from './phrase.ts';
import { minute, place, valueText } from './words.ts';

export type CellValue = string | number | boolean | null;

/** Of one kind of rows. */
export interface Layout<Row> {
  readonly title: string;
  /** What one row is, and many are. */
  readonly unit: readonly [one: string, many: string];
  /** Keys of the columns, the same that the rows have in JSON where they are the same thing. */
  readonly keys: readonly string[];
  /** In the order of the keys. */
  readonly values: (row: Row) => readonly CellValue[];
  readonly headings: readonly string[];
  /** In the order of the headings. */
  readonly cells: (row: Row) => readonly Phrase[];
  readonly style: (row: Row) => 'remove' | 'change' | 'quiet' | null;
}

type RowOf<Name extends ReportName> = Report<Name>['rows'] extends AsyncIterable<infer Row> ? Row : never;

export const layouts: { readonly [Name in ReportName]: Layout<RowOf<Name>> } = {
  admins: {
    title: 'Administrators',
    unit: ['administrator', 'administrators'],
    keys: [
      'device',
      'computerId',
      'domain',
      'os',
      'account',
      'sid',
      'type',
      'enabled',
      'access',
      'policy',
      'source',
      'since',
      'orEarlier',
    ],
    values: (row) => [
      row.device,
      row.computerId,
      row.domain,
      row.os,
      row.account,
      row.sid,
      row.type,
      row.enabled,
      row.access,
      row.policy ?? notDeclared,
      placeOrNull(row.source),
      row.since,
      row.orEarlier,
    ],
    headings: ['Device', 'Administrator', 'Type', 'Since', 'Access', 'Declared by'],
    cells: (row) => [
      [foreign(row.device)],
      [...memberPhrase({ member: row.sid, name: row.account }, () => true), row.enabled === false ? ', disabled' : ''],
      [row.type],
      [sinceWords(row)],
      [row.access === 'absent' ? 'to be absent' : row.access],
      row.source === null ? [notDeclared] : [foreign(`${row.policy} ${place(row.source)}`)],
    ],
    style: ({ access }) => (access === 'absent' ? 'remove' : access === 'undeclared' ? 'change' : null),
  },
  drift: {
    title: 'Drift',
    unit: ['record', 'records'],
    keys: [
      'device',
      'computerId',
      'policy',
      'kind',
      'found',
      'subject',
      'state',
      'cause',
      'actor',
      'at',
      'firstSeen',
      'lastSeen',
      'count',
    ],
    values: (row) => [
      row.device,
      row.computerId,
      row.policy,
      row.kind,
      phraseText(driftFound(row), true),
      subjectText(row),
      row.state,
      row.cause,
      row.actor,
      row.at,
      row.firstSeen,
      row.lastSeen,
      row.count,
    ],
    headings: ['Device', 'Found', 'State', 'Cause', 'Seen', 'Policy'],
    cells: (row) => [
      [foreign(row.device)],
      driftFound(row),
      [row.state],
      causePhrase({
        cause: row.cause,
        actor: row.actor,
        ...(row.at !== null && { at: row.at }),
        ...(row.log !== null && { log: row.log }),
      }),
      [timeWords(row)],
      [foreign(row.policy)],
    ],
    style: ({ state }) => (openStates.includes(state) ? null : 'quiet'),
  },
  compliance: {
    title: 'Compliance',
    unit: ['check', 'checks'],
    keys: [
      'device',
      'computerId',
      'baseline',
      'check',
      'path',
      'op',
      'value',
      'severity',
      'verdict',
      'found',
      'why',
      'source',
    ],
    values: (row) => [
      row.device,
      row.computerId,
      row.baseline,
      row.check,
      row.path,
      row.op,
      scalar(row.value),
      row.severity,
      row.verdict,
      scalar(row.found),
      row.why,
      place(row.source),
    ],
    headings: ['Device', 'Check', 'Severity', 'Verdict', 'Found', 'Declared by'],
    cells: (row) => [
      [foreign(row.device)],
      demandPhrase(row),
      [row.severity],
      [row.verdict],
      row.verdict === 'unknown'
        ? [foreign(row.why ?? '')]
        : row.found === null
          ? ['']
          : [foreign(valueText(row.found))],
      [foreign(`${row.baseline} ${place(row.source)}`)],
    ],
    style: ({ verdict }) => (verdict === 'failed' ? 'remove' : verdict === 'unknown' ? 'quiet' : null),
  },
};

const notDeclared = 'not declared';

function placeOrNull(source: Source | null): string | null {
  return source === null ? null : place(source);
}

/** `2026-03-02 09:14Z`, and `or earlier` where no inventory that is kept is without it. */
function sinceWords({ since, orEarlier }: AdministratorRow): string {
  return `${minute(new Date(since).toISOString())}${orEarlier ? ' or earlier' : ''}`;
}

function driftFound({ kind, subject, check }: DriftRow): Phrase {
  return foundPhrase({ kind, subject, ...(check !== null && { check }) }, () => true);
}

/** `group=S-1-5-32-544 member=S-1-5-21-…-512`; the name is in what was found. */
function subjectText({ subject }: DriftRow): string {
  return Object.entries(subject)
    .filter(([key, part]) => key !== 'name' && part !== null)
    .map(([key, part]) => `${key}=${part}`)
    .join(' ');
}

function scalar(value: CheckRow['value']): CellValue {
  return typeof value === 'object' && value !== null ? valueText(value) : value;
}

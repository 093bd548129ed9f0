/** The drift ledger as a person reads it: by device, or where it is long by policy and kind with devices counted. */
import type { DriftRecord } from '../model/drift.ts';
import { ambiguousNames, type WithSid } from './change-phrase.ts';
import { type Cell, columns, type Row } from './columns.ts';
import { causePhrase, driftVerdict, foundPhrase, openStates, sortedDrift, timeWords } from './drift-words.ts';
import { foreign, phraseText } from './phrase.ts';
import { type Page, pageOf, type View } from './view.ts';
import { counted, grouped, minute } from './words.ts';

/** More records than this no longer fit a screen. */
const mostByDevice = 30;

export function driftText(records: readonly DriftRecord[], view: View): string {
  const page = pageOf(view);
  const sorted = sortedDrift(records);
  const byDevice = page.devices || records.length <= mostByDevice;
  const blocks = byDevice ? deviceBlocks(sorted, page) : policyBlocks(sorted, page);
  const texts = [...blocks.map((lines) => lines.join('\n')), page.paint('strong', driftVerdict(records))];
  return `${texts.join('\n\n')}\n`;
}

function deviceBlocks(records: readonly DriftRecord[], page: Page): string[][] {
  const named = ambiguousNames(records.map(({ subject }) => subject));
  const withSid: WithSid = page.devices ? () => true : named;
  const groups = groupedBy(records, ({ computerId, device }) => JSON.stringify([computerId, device]));
  const lines = columns(
    groups.flatMap((group) => group.map((record) => recordRow(record, withSid, page))),
    0,
    page,
  );
  return blocksOf(groups, lines, (record) => page.paint('strong', phraseText([foreign(record.device)], page.devices)));
}

function recordRow(record: DriftRecord, withSid: WithSid, page: Page): Row {
  const { kind, subject, policy } = record;
  return {
    lead: leadOf(record),
    cells: [
      { text: phraseText(foundPhrase(kind, subject, withSid), page.devices) },
      { text: record.state },
      { text: phraseText(causePhrase(record), page.devices) },
      { text: timeWords(record) },
      { text: phraseText([foreign(policy)]), style: 'dim' },
    ],
  };
}

/** Contested is not open: correcting it again would not help. */
function leadOf({ state }: Pick<DriftRecord, 'state'>): Cell {
  if (state === 'contested') return { text: '!', style: 'error' };
  return openStates.includes(state) ? { text: '~', style: 'change' } : { text: '·', style: 'dim' };
}

/** Records of one policy, kind, group, property, state and cause share a line. */
function policyBlocks(records: readonly DriftRecord[], page: Page): string[][] {
  const byPolicy = groupedBy(records, ({ policy }) => policy).map((group) =>
    groupedBy(group, ({ kind, subject, state, cause, actor }) =>
      JSON.stringify([kind, subject['group'], subject['property'], subject['field'], state, cause, actor]),
    ),
  );
  const lines = columns(
    byPolicy.flatMap((group) => group.map((alike) => sharedRow(alike, page))),
    0,
    page,
  );
  const firsts = byPolicy.map((group) => group.map(firstOf));
  return blocksOf(firsts, lines, (record) => page.paint('strong', phraseText([foreign(record.policy)])));
}

function sharedRow(records: readonly DriftRecord[], page: Page): Row {
  const first = firstOf(records);
  const devices = new Set(records.map(({ computerId }) => computerId)).size;
  const since = records.reduce((oldest, { firstSeen }) => (firstSeen < oldest ? firstSeen : oldest), first.firstSeen);
  const subjects = new Set(records.map(({ subject }) => JSON.stringify(subject))).size;
  const found = phraseText(foundPhrase(first.kind, first.subject, () => false));
  return {
    lead: leadOf(first),
    cells: [
      { text: subjects === 1 ? found : `${found}, and ${grouped(subjects - 1)} more of ${first.kind}` },
      { text: counted(devices, 'device'), align: 'right' },
      { text: first.state },
      { text: phraseText(causePhrase(first), page.devices) },
      { text: `since ${minute(since)}`, style: 'dim' },
    ],
  };
}

function firstOf(records: readonly DriftRecord[]): DriftRecord {
  const [first] = records;
  if (first === undefined) throw new RangeError('a group has at least one record');
  return first;
}

function groupedBy(records: readonly DriftRecord[], keyOf: (record: DriftRecord) => string): DriftRecord[][] {
  const groups = new Map<string, DriftRecord[]>();
  for (const record of records) {
    const key = keyOf(record);
    const known = groups.get(key);
    if (known) known.push(record);
    else groups.set(key, [record]);
  }
  return [...groups.values()];
}

/** Titles over lines that were aligned together. */
function blocksOf(
  groups: readonly (readonly DriftRecord[])[],
  lines: readonly (readonly string[])[],
  titleOf: (record: DriftRecord) => string,
): string[][] {
  let next = 0;
  return groups.map((group) => {
    const own = lines.slice(next, next + group.length).flat();
    next += group.length;
    return [titleOf(firstOf(group)), ...own];
  });
}

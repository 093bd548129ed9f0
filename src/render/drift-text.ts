/** The drift ledger as a person reads it: by device, or where it is long by policy and kind with devices counted. */
import { type DriftRecord, subjectKey } from '../model/drift.ts';
import { compareText } from '../model/sid.ts';
import { ambiguousNames, type WithSid } from './change-phrase.ts';
import { type Cell, columns, type Row } from './columns.ts';
import { causePhrase, driftVerdict, foundPhrase, openStates, sortedDrift, timeWords } from './drift-words.ts';
import { foreign, phraseText } from './phrase.ts';
import { type Page, pageOf, sections, type View } from './view.ts';
import { counted, grouped, minute } from './words.ts';

/** More records than this no longer fit a screen. */
const mostByDevice = 30;

export function driftText(records: readonly DriftRecord[], view: View): string {
  const page = pageOf(view);
  const sorted = sortedDrift(records);
  const byDevice = page.devices || records.length <= mostByDevice;
  const blocks = byDevice ? deviceBlocks(sorted, page) : policyBlocks(sorted, page);
  return sections([...blocks, [page.paint('strong', driftVerdict(records))]]);
}

function deviceBlocks(records: readonly DriftRecord[], page: Page): string[][] {
  const named = ambiguousNames(records.map(({ subject }) => subject));
  const withSid: WithSid = page.devices ? () => true : named;
  const groups = groupedBy(records, ({ computerId, device }) => JSON.stringify([computerId, device]));
  return blocksOf(
    groups.map(({ first, all }) => ({
      title: phraseText([foreign(first.device)], page.devices),
      rows: all.map((record) => recordRow(record, withSid, page)),
    })),
    page,
  );
}

function recordRow(record: DriftRecord, withSid: WithSid, page: Page): Row {
  const { policy } = record;
  return {
    lead: leadOf(record),
    cells: [
      { text: phraseText(foundPhrase(record, withSid), page.devices) },
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

/** Records of one policy, kind, group, property, check, state and cause share a line. */
function policyBlocks(records: readonly DriftRecord[], page: Page): string[][] {
  const groups = groupedBy(records, ({ policy }) => policy);
  return blocksOf(
    groups
      .toSorted((a, b) => compareText(a.first.policy, b.first.policy))
      .map(({ first, all }) => ({
        title: phraseText([foreign(first.policy)]),
        rows: groupedBy(all, alike).map((group) => sharedRow(group, page)),
      })),
    page,
  );
}

function alike({ kind, subject, state, cause, actor, log }: DriftRecord): string {
  const { group, property, field, check } = subject;
  return JSON.stringify([kind, group, property, field, check, state, cause, actor, log]);
}

function sharedRow({ first, all }: Group, page: Page): Row {
  const devices = new Set(all.map(({ computerId }) => computerId)).size;
  const since = all.reduce((oldest, { firstSeen }) => (firstSeen < oldest ? firstSeen : oldest), first.firstSeen);
  const subjects = new Set(all.map(({ kind, subject }) => subjectKey(kind, subject))).size;
  const { kind, subject, at: _at, ...shared } = first;
  const found = phraseText(foundPhrase({ kind, subject }, () => false));
  return {
    lead: leadOf(first),
    cells: [
      { text: subjects === 1 ? found : `${found}, and ${grouped(subjects - 1)} more` },
      { text: counted(devices, 'device'), align: 'right' },
      { text: first.state },
      { text: phraseText(causePhrase(shared), page.devices) },
      { text: `since ${minute(since)}`, style: 'dim' },
    ],
  };
}

interface Group {
  readonly first: DriftRecord;
  readonly all: readonly DriftRecord[];
}

function groupedBy(records: readonly DriftRecord[], keyOf: (record: DriftRecord) => string): Group[] {
  const groups = new Map<string, { readonly first: DriftRecord; readonly all: DriftRecord[] }>();
  for (const record of records) {
    const key = keyOf(record);
    const known = groups.get(key);
    if (known) known.all.push(record);
    else groups.set(key, { first: record, all: [record] });
  }
  return [...groups.values()];
}

/** Titles over rows that are aligned together. */
function blocksOf(
  blocks: readonly { readonly title: string; readonly rows: readonly Row[] }[],
  page: Page,
): string[][] {
  const lines = columns(
    blocks.flatMap(({ rows }) => rows),
    0,
    page,
  );
  let next = 0;
  return blocks.map(({ title, rows }) => {
    const own = lines.slice(next, next + rows.length).flat();
    next += rows.length;
    return [page.paint('strong', title), ...own];
  });
}

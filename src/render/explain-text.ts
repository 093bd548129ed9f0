/** What is known of one device, as a person reads it. */
import { type DriftRecord, subjectKey } from '../model/drift.ts';
import type { ExplainedFacet, Explanation, HeldBy, Rule } from '../model/explanation.ts';
import type { LastScan } from '../model/scan.ts';
import { compareText } from '../model/sid.ts';
import { ambiguousNames, groupPart, styleOf, type WithSid } from './change-phrase.ts';
import { belowRow, type Cell, columns, flow, paragraph, type Row, spread } from './columns.ts';
import { causePhrase, foundPhrase, openStates, sortedDrift, timeWords } from './drift-words.ts';
import { plain } from './escape.ts';
import {
  explainVerdict,
  facetPhrase,
  facetSign,
  lastActionPhrase,
  settingText,
  verdictWords,
} from './explain-words.ts';
import { foreign, type Phrase, phraseText } from './phrase.ts';
import { type Page, pageOf, sections, type View } from './view.ts';
import { age, minute, place } from './words.ts';

export function explainText(told: Explanation, view: Omit<View, 'devices'>): string {
  const page = pageOf({ ...view, devices: false });
  const withSid = ambiguousNames(told.drift.map(({ subject }) => subject));
  return sections([
    headText(told, page),
    wholeText(told, page),
    selectedText(told, page),
    ...blockTexts(told, page),
    driftText(told, withSid, page),
    actionText(told, page),
    // One line however long: scripts read the last one.
    [page.paint('strong', phraseText(explainVerdict(told), true))],
  ]);
}

function headText({ device, computerId, os, domain, config, scan, plan, record }: Explanation, page: Page): string[] {
  const seen = record?.lastSeenAt ?? null;
  const who: Phrase[] = [
    [foreign(device)],
    ...(computerId === null ? [['no Computer ID']] : [[`Computer ID ${computerId}`]]),
    ...[os, domain].flatMap((text) => (text === null ? [] : [[foreign(text)]])),
  ];
  const inputs = [
    `plan ${plan.digest.slice(0, 8)}`,
    `config ${config.slice(0, 7)}`,
    scan.at === null ? 'no scan' : `scan ${minute(scan.at)} (${age(scan.ageSeconds)})`,
    ...(seen === null ? [] : [`last seen ${minute(seen)}`]),
  ];
  return [
    ...flow(
      who.map((phrase) => ({ text: phraseText(phrase, true), style: 'strong' })),
      '',
      '   ',
      page,
    ),
    ...flow(
      inputs.map((text) => ({ text: plain(text) })),
      '',
      '   ',
      page,
    ),
    ...lastScanText(record?.lastScan ?? null, page),
  ];
}

/** As the records have it, be it of NPS-D's own scan. */
function lastScanText(last: LastScan | null, page: Page): string[] {
  if (last === null) return [];
  const { scanTs, success, msg } = last;
  const how = msg === '' ? '' : `: ${phraseText([foreign(msg)], true)}`;
  const text = `last scan ${minute(scanTs)}${success ? '' : ', failed'}${how}`;
  return success ? paragraph({ text: '' }, text, page) : paragraph({ text: '' }, text, page, 'change');
}

function wholeText({ held, plan }: Explanation, page: Page): string[] {
  const refused =
    plan.refusal === null ? [] : paragraph({ text: 'refused: ' }, plain(plan.refusal.message), page, 'error');
  if (held.length === 0) return refused;
  return [
    page.paint('strong', 'held back whole'),
    ...held.flatMap((hold) => [
      ...paragraph({ text: '  ! ', style: 'change' }, `${hold.guard}: ${plain(hold.message)}`, page),
      ...(hold.rule === null ? [] : paragraph({ text: belowRow }, `declared by ${ruleText(hold.rule)}`, page, 'dim')),
      ...releaseText(hold, page),
    ]),
    ...refused,
  ];
}

function releaseText({ release }: HeldBy, page: Page): string[] {
  const text = release === null ? 'nothing does' : plain(release);
  return paragraph({ text: `${belowRow}to release: ` }, text, page, 'dim');
}

function selectedText({ selectedBy, settings }: Explanation, page: Page): string[] {
  if (selectedBy.length === 0) return [];
  const selecting = [
    page.paint('strong', 'selected by'),
    ...selectedBy.flatMap(({ kind, policy, source, priority }) => {
      const words = priority === null ? [] : [` · priority ${priority}`];
      return spread(
        { text: phraseText(['  ', foreign(policy), ` · ${kind}`, ...words]) },
        { text: phraseText([foreign(place(source))]), style: 'dim' },
        page,
      );
    }),
  ];
  if (settings.length === 0) return selecting;
  return [
    ...selecting,
    page.paint('strong', 'settings'),
    ...settings.flatMap(({ field, value, rule }) =>
      spread(
        { text: phraseText([`  ${field} `, foreign(settingText(value))]) },
        { text: ruleText(rule), style: 'dim' },
        page,
      ),
    ),
  ];
}

function ruleText({ policy, source }: Rule): string {
  return phraseText([foreign(policy), ' ', foreign(place(source))]);
}

interface Block {
  readonly title: Phrase;
  readonly facets: readonly ExplainedFacet[];
}

/** The record, then account by account, then group by group; accounts that nobody declares share one. */
function blocksOf(facets: readonly ExplainedFacet[]): Block[] {
  const blocks = new Map<string, { readonly title: Phrase; readonly facets: ExplainedFacet[] }>();
  for (const facet of facets) {
    const title = titleOf(facet);
    const key = JSON.stringify(title);
    const known = blocks.get(key);
    if (known) known.facets.push(facet);
    else blocks.set(key, { title, facets: [facet] });
  }
  return [...blocks.values()];
}

function titleOf({ about, subject, verdict }: ExplainedFacet): Phrase {
  if (about === 'computer') return ['record'];
  if (about === 'group') return ['group ', groupPart(subject)];
  return verdict === 'undeclared' ? ['accounts that nobody declares'] : ['account ', foreign(subject['account'] ?? '')];
}

function blockTexts({ facets, drift }: Explanation, page: Page): string[][] {
  const blocks = blocksOf(facets);
  const rows = blocks.flatMap((block) => block.facets.map((facet) => rowOf(facet)));
  const lines = columns(rows, 0, page);
  let next = 0;
  return blocks.map(({ title, facets: own }) => {
    const text = [page.paint('strong', phraseText(title))];
    for (const facet of own) {
      text.push(...(lines[next] ?? []), ...belowText(facet, drift, page));
      next += 1;
    }
    return text;
  });
}

function rowOf(facet: ExplainedFacet): Row {
  return {
    lead: leadOf(facet),
    cells: [
      { text: phraseText(phraseOf(facet), true) },
      { text: verdictWords(facet), style: facet.reason === 'drifted' ? 'change' : 'dim' },
      { text: facet.rule === null ? '' : ruleText(facet.rule), style: 'dim' },
    ],
  };
}

/** An account that nobody declares stands under no title of its own. */
function phraseOf(facet: ExplainedFacet): Phrase {
  const phrase = facetPhrase(facet);
  const isOther = facet.about === 'account' && facet.verdict === 'undeclared';
  return isOther ? [foreign(facet.subject['account'] ?? ''), ' ', ...phrase] : phrase;
}

function leadOf(facet: ExplainedFacet): Cell {
  const text = facetSign(facet);
  switch (facet.verdict) {
    case 'differs':
      return { text, style: facet.change === null ? 'change' : styleOf(facet.change) };
    case 'held':
    case 'waits':
      return { text, style: 'change' };
    default:
      return { text, style: 'dim' };
  }
}

function belowText(facet: ExplainedFacet, drift: readonly DriftRecord[], page: Page): string[] {
  const { why, held, consequence, failed } = facet;
  const record = drift.find((one) => isOf(one, facet));
  const found =
    record === undefined ? [] : [phraseText([`${record.state}, `, ...causePhrase(record), `, ${timeWords(record)}`])];
  return [
    ...(why === null ? [] : paragraph({ text: belowRow }, plain(why), page, 'dim')),
    ...(consequence === null ? [] : paragraph({ text: `${belowRow}! ` }, plain(consequence), page, 'change')),
    ...(failed ? paragraph({ text: belowRow }, 'our last correction of it failed on this device', page, 'error') : []),
    ...found.flatMap((text) => paragraph({ text: `${belowRow}drift: ` }, text, page, 'dim')),
    ...(held === null ? [] : [...paragraph({ text: belowRow }, plain(held.message), page), ...releaseText(held, page)]),
  ];
}

function isOf({ kind, subject, state }: DriftRecord, { change, subject: own }: ExplainedFacet): boolean {
  if (change === null || state === 'resolved') return false;
  return subjectKey(kind, subject) === subjectKey(change, own);
}

const mostPast = 10;

/** Drift that no facet above tells of: it is over, or of something that is declared no more. */
function driftText({ drift, facets }: Explanation, withSid: WithSid, page: Page): string[] {
  const others = sortedDrift(drift).filter((record) => !facets.some((facet) => isOf(record, facet)));
  if (others.length === 0) return [];
  const open = others.filter(({ state }) => openStates.includes(state));
  const over = others
    .filter(({ state }) => !openStates.includes(state))
    .toSorted((a, b) => compareText(b.lastSeen, a.lastSeen) || compareText(a.id, b.id))
    .slice(0, Math.max(0, mostPast - open.length));
  const left = others.length - open.length - over.length;
  const rows = [...open, ...over].map((record): Row => {
    const { state } = record;
    return {
      lead: { text: '·', style: 'dim' },
      cells: [
        { text: phraseText(foundPhrase(record, withSid), true) },
        { text: state, style: 'dim' },
        { text: phraseText(causePhrase(record)), style: 'dim' },
        { text: timeWords(record), style: 'dim' },
      ],
    };
  });
  return [
    page.paint('strong', 'drift on record'),
    ...columns(rows, 0, page).flat(),
    ...(left === 0 ? [] : [page.paint('dim', `    and ${left} more; trueup drift --device shows them all`)]),
  ];
}

function actionText({ lastAction, plan, record }: Explanation, page: Page): string[] {
  const owed = record?.pendingUntil ?? null;
  return [
    ...plan.actions.flatMap(({ key, stages, after }) => {
      const text = `${key}: ${stages.join(' → ')}${after === null ? '' : `, after ${after}`}`;
      return paragraph({ text: 'next action: ' }, text, page);
    }),
    ...(lastAction === null
      ? []
      : paragraph({ text: 'last action: ' }, phraseText(lastActionPhrase(lastAction), true), page)),
    ...(owed === null ? [] : paragraph({ text: 'pending: ' }, `a change is owed to it until ${minute(owed)}`, page)),
  ];
}

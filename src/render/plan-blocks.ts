/** The changes of a plan, policy by policy and kind by kind, with devices counted: ten thousand still fit a screen. */
import type { Plan, PlannedChange, Reason } from '../model/plan.ts';
import {
  changePhrase,
  compareKinds,
  creationPhrase,
  headPhrase,
  signOf,
  styleOf,
  type WithSid,
} from './change-phrase.ts';
import { belowRow, type Cell, columns, flow, paragraph, type Row, spread } from './columns.ts';
import { dueWords } from './due-words.ts';
import { plain } from './escape.ts';
import { foreign, type Phrase, phraseText } from './phrase.ts';
import type { Page } from './view.ts';
import { counted, grouped, place, valueText } from './words.ts';

/** What one statement changes. */
export interface Block {
  readonly policy: Pick<PlannedChange, 'policy' | 'policyKind' | 'source'>;
  readonly changes: readonly PlannedChange[];
}

/** Policies in the order of the plan, the provider's own records last. */
export function blocksOf({ changes }: Plan): Block[] {
  const blocks = new Map<string, { policy: Block['policy']; changes: PlannedChange[] }>();
  for (const change of changes) {
    const { policy, policyKind, source } = change;
    const key = JSON.stringify([policyKind, policy, source.file, source.line]);
    const known = blocks.get(key);
    if (known) known.changes.push(change);
    else blocks.set(key, { policy: { policy, policyKind, source }, changes: [change] });
  }
  return [...blocks.values()]
    .map(({ policy, changes: own }) => ({ policy, changes: own.toSorted((a, b) => compareKinds(a.kind, b.kind)) }))
    .toSorted((a, b) => Number(isProvider(a)) - Number(isProvider(b)));
}

function isProvider({ policy }: Block): boolean {
  return policy.policyKind === 'EdrProvider';
}

/** Each block as its lines. */
export function blockTexts(blocks: readonly Block[], withSid: WithSid, page: Page): string[][] {
  const total = blocks.reduce((sum, { changes }) => sum + changes.length, 0);
  const whole = page.devices || total <= fewChanges;
  const entries = blocks.map((block) => entriesOf(block, whole, withSid, page));
  const lines = columns(
    entries.flatMap((own) => own.map(({ row }) => row)),
    0,
    page,
  );
  let next = 0;
  return blocks.map((block, index) => {
    const text = [...headLines(block, page)];
    for (const { below } of entries[index] ?? []) {
      text.push(...(lines[next] ?? []), ...below);
      next += 1;
    }
    return text;
  });
}

function headLines(block: Block, page: Page): string[] {
  const { policy, policyKind, source } = block.policy;
  const title: Phrase = isProvider(block) ? ['provider ', foreign(policy)] : [foreign(policy), ` · ${policyKind}`];
  return spread(
    { text: phraseText(title), style: 'strong' },
    { text: phraseText([foreign(place(source))]), style: 'dim' },
    page,
  );
}

interface Entry {
  readonly row: Row;
  readonly below: readonly string[];
}

/** So few changes that each can be shown. */
export const fewChanges = 30;

function entriesOf({ changes }: Block, whole: boolean, withSid: WithSid, page: Page): Entry[] {
  return groupsOf(changes).flatMap((group) => {
    const { shown, rest } = whole ? { shown: group, rest: [] } : split(group);
    const entries = shown.map((change) => entryOf(change, withSid, page));
    const [first] = rest;
    return first === undefined ? entries : [...entries, restOf(first, rest, page)];
  });
}

/** Changes of one kind, one group and one property: what a reader sees as one thing. */
function groupsOf(changes: readonly PlannedChange[]): PlannedChange[][] {
  const groups = new Map<string, PlannedChange[]>();
  for (const change of changes) {
    const { group = null, property = null, field = null } = change.subject;
    const key = JSON.stringify([change.kind, group, property, field]);
    const known = groups.get(key);
    if (known) known.push(change);
    else groups.set(key, [change]);
  }
  return [...groups.values()];
}

const shownOfEach = 5;

/** Those on most devices are shown, and those with a consequence always; one is never summed up alone. */
function split(group: readonly PlannedChange[]): Shown<PlannedChange> {
  const ordinary = group.filter(({ consequence }) => consequence === null);
  if (ordinary.length <= shownOfEach + 1) return { shown: group, rest: [] };
  const rest = new Set(largest(ordinary, shownOfEach).rest);
  return { shown: group.filter((change) => !rest.has(change)), rest: [...rest] };
}

export interface Shown<T> {
  readonly shown: readonly T[];
  readonly rest: readonly T[];
}

/** Those on most devices, and the rest, both in the order in which they came. */
export function largest<T extends { readonly devices: readonly string[] }>(
  items: readonly T[],
  most: number,
): Shown<T> {
  if (items.length <= most) return { shown: items, rest: [] };
  const chosen = new Set(items.toSorted((a, b) => b.devices.length - a.devices.length).slice(0, most));
  return { shown: items.filter((item) => chosen.has(item)), rest: items.filter((item) => !chosen.has(item)) };
}

function entryOf(change: PlannedChange, withSid: WithSid, page: Page): Entry {
  const { kind, consequence, devices } = change;
  const text = phraseText(changePhrase(change, page.devices ? () => true : withSid), page.devices);
  const created = phraseText(creationPhrase(change, page.devices), page.devices);
  return {
    row: rowOf(kind, text, devices.length, phraseText(reasonPhrase(change), page.devices)),
    below: [
      ...(created === '' ? [] : paragraph({ text: belowRow }, created, page, 'dim')),
      ...(consequence === null ? [] : paragraph({ text: `${belowRow}! ` }, plain(consequence), page, 'change')),
      ...flow(page.devices ? deviceCells(devices) : [], belowRow, '  ', page),
    ],
  };
}

/** Whole names: whoever asks for the devices wants to find them. */
export function deviceCells(devices: readonly string[]): Cell[] {
  return devices.map((device) => ({ text: phraseText([foreign(device)], true) }));
}

function restOf(first: PlannedChange, rest: readonly PlannedChange[], page: Page): Entry {
  const reasons = [...new Set(rest.map((change) => dueWords(change) ?? reasonText(change)))].filter(
    (reason) => reason !== '',
  );
  const devices = new Set(rest.flatMap((change) => change.devices)).size;
  return {
    row: rowOf(first.kind, phraseText(restPhrase(first, rest), page.devices), devices, reasons.join(', ')),
    below: [],
  };
}

/** Of one thing that has another value on every device, only the values are summed up. */
function restPhrase(first: PlannedChange, rest: readonly PlannedChange[]): Phrase {
  const { kind, subject, to } = first;
  const same = JSON.stringify([subject, to]);
  if (rest.every((change) => JSON.stringify([change.subject, change.to]) === same)) {
    const head = headPhrase(kind, subject, () => false);
    return [...head, ` (${grouped(rest.length)} other values) → `, foreign(valueText(to))];
  }
  const others: Phrase = [`and ${grouped(rest.length)} more`];
  if (kind !== 'group.add' && kind !== 'group.remove') return [...others, ` (${kind})`];
  return [...others, ...headPhrase(kind, subject, () => false).slice(-2)];
}

function rowOf(kind: PlannedChange['kind'], text: string, devices: number, reason: string): Row {
  return {
    lead: { text: signOf(kind), style: styleOf(kind) },
    cells: [
      { text },
      { text: devices === 0 ? '' : counted(devices, 'device'), align: 'right' },
      { text: reason, style: reason.startsWith('drift') ? 'change' : 'dim' },
    ],
  };
}

/** `drift: 38 by CORP\helpdesk-7, 3 unattributed` */
export function reasonPhrase(change: PlannedChange): Phrase {
  const { actors, devices } = change;
  if (actors === undefined) return [dueWords(change) ?? reasonText(change)];
  const [first] = actors;
  const isOne = first?.devices === devices.length;
  const shown = actors.slice(0, mostActors);
  const left = actors.slice(mostActors).reduce((sum, actor) => sum + actor.devices, 0);
  const told = shown.flatMap(({ actor, devices: count }, index): Phrase => {
    const head = `${index === 0 ? '' : ', '}${isOne ? '' : `${grouped(count)} `}`;
    return actor === null ? [`${head}unattributed`] : [`${head}by `, foreign(actor)];
  });
  return [`${reasonText(change)}: `, ...told, left === 0 ? '' : `, ${grouped(left)} by others or unattributed`];
}

/** Of any number of names so many are told. */
const mostActors = 3;

/** Empty where there is nothing to say: nobody keeps what was applied to the provider's own row before. */
function reasonText({ kind, reason, devices }: PlannedChange): string {
  if (reason === 'unknown' && devices.length === 0) return '';
  if (reason !== 'never-applied' || kind !== 'computer.enroll') return reasonWords(reason);
  return devices.length === 1 ? 'new device' : 'new devices';
}

export function reasonWords(reason: Reason): string {
  switch (reason) {
    case 'drifted':
      return 'drift';
    case 'intent-changed':
      return 'intent changed';
    case 'never-applied':
      return 'never applied';
    case 'due':
      return 'due';
    case 'unknown':
      return 'cause unknown';
  }
}

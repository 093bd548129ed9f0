/** What a plan does not do: changes that a guard holds, devices that are awaited, fields that no code acts on yet. */
import { type Guard, guards, quietGuards } from '../model/guard.ts';
import type { HeldChange, NotActedOnLine, Plan } from '../model/plan.ts';
import { deedPhrase, type WithSid } from './change-phrase.ts';
import { belowRow, columns, flow, paragraph, type Row, spread } from './columns.ts';
import { plain } from './escape.ts';
import { foreign, type Phrase, phraseText } from './phrase.ts';
import { deviceCells } from './plan-blocks.ts';
import { listed, moreText, type Page } from './view.ts';
import { cellWidth, truncate, wrap } from './width.ts';
import { counted, grouped, place } from './words.ts';

/** So few that each can be shown. */
export const fewHolds = 12;
/** So few that what would release each can be said with it. */
const fewToRelease = 6;
const shownOfEach = 3;
const longestList = 10;

/** Guards that want somebody's attention come first. */
export function guardsOf({ held }: Plan): { readonly guard: Guard; readonly holds: readonly HeldChange[] }[] {
  return guards
    .toSorted((a, b) => Number(quietGuards.has(a)) - Number(quietGuards.has(b)))
    .map((guard) => ({
      guard,
      holds: held.filter((hold) => hold.guard === guard).toSorted((a, b) => b.devices.length - a.devices.length),
    }))
    .filter(({ holds }) => holds.length > 0);
}

/** What is held, and why: `disable account corp_breakglass: would leave no usable administrator`. */
export function holdPhrase({ kind, subject, message }: HeldChange, withSid: WithSid): Phrase {
  if (kind === null || subject === null) return [foreign(message)];
  return [...deedPhrase(kind, subject, withSid), ': ', foreign(message)];
}

export function heldText(plan: Plan, withSid: WithSid, page: Page): string[] {
  if (plan.held.length === 0) return [];
  const all = guardsOf(plan);
  const summed = all.map(({ guard, holds }) => {
    const whole = page.devices || plan.held.length <= fewHolds || holds.length <= shownOfEach + 1;
    const most = whole ? holds.length : shownOfEach;
    return { guard, shown: holds.slice(0, most), rest: holds.slice(most) };
  });
  const releases = page.devices || plan.held.length <= fewToRelease;
  const rows = summed.flatMap(({ guard, shown, rest }) => [
    ...shown.map((hold) => holdRow(hold, withSid, page)),
    ...(rest.length === 0 ? [] : [restRow(guard, rest)]),
  ]);
  const lines = columns(rows, 1, page);
  const text = [page.paint('strong', 'held back')];
  let next = 0;
  for (const { shown, rest } of summed) {
    for (const hold of shown) {
      text.push(...(lines[next] ?? []), ...(page.devices ? wholeHold(hold, page) : []));
      next += 1;
    }
    if (rest.length > 0) {
      text.push(...(lines[next] ?? []));
      next += 1;
    }
    if (!releases) continue;
    for (const release of new Set(shown.map((hold) => hold.release))) {
      if (release !== null) text.push(...paragraph({ text: `${belowRow}to release: ` }, plain(release), page, 'dim'));
    }
  }
  return text;
}

function holdRow(hold: HeldChange, withSid: WithSid, page: Page): Row {
  const { guard, devices } = hold;
  const [only] = devices;
  const single = devices.length === 1 && only !== undefined;
  const who = single ? truncate(plain(only), longestWho(page)) : counted(devices.length, 'device');
  const what = phraseText(holdPhrase(hold, page.devices ? () => true : withSid), true);
  return rowOf(guard, who, what);
}

/** Leaves room for the reason. */
function longestWho(page: Page): number {
  return Math.floor(page.width / 3);
}

function restRow(guard: Guard, rest: readonly HeldChange[]): Row {
  const devices = new Set(rest.flatMap((hold) => hold.devices)).size;
  const what = rest.every(({ kind }) => kind === null) ? 'reasons' : 'changes';
  return rowOf(guard, counted(devices, 'device'), `and ${grouped(rest.length)} more ${what}`);
}

/** Not to have seen a device is no obstacle, only no answer: a state of its own. */
function rowOf(guard: Guard, who: string, what: string): Row {
  const unobserved = guard === 'unobserved';
  return {
    lead: { text: unobserved ? '?' : '!', style: quietGuards.has(guard) ? 'dim' : 'change' },
    cells: [{ text: who }, { text: what }, { text: unobserved ? guard : `guard: ${guard}`, style: 'dim' }],
  };
}

function wholeHold({ devices, policy, source }: HeldChange, page: Page): string[] {
  const shown = devices.length === 1 && cellWidth(plain(devices[0] ?? '')) <= longestWho(page);
  const labels = shown ? [] : deviceCells(devices);
  const by = policy === null || source === null ? [] : [`declared by ${plain(policy)} (${plain(place(source))})`];
  return [
    ...flow(labels, belowRow, '  ', page),
    ...by.flatMap((text) => paragraph({ text: belowRow }, text, page, 'dim')),
  ];
}

/** Devices that `action` may still reach: neither converged nor drifted nor failed. */
export function pendingText(devices: readonly string[], action: string, page: Page): string[] {
  if (devices.length === 0) return [];
  const named = page.devices || devices.length <= longestList;
  const names = named ? `: ${devices.map((device) => phraseText([foreign(device)], page.devices)).join(', ')}` : '';
  const have = devices.length === 1 ? 'has' : 'have';
  const text = `${counted(devices.length, 'device')} ${have} not answered ${action} yet${names}`;
  return paragraph({ text: 'pending: ' }, text, page);
}

export function notActedOnText(statements: readonly NotActedOnLine[], page: Page): string[] {
  if (statements.length === 0) return [];
  const { shown, rest } = listed(statements, longestList, page);
  return [
    ...wrap('not acted on yet: declared and checked, and this version does nothing about it', page.width).map((line) =>
      page.paint('strong', line),
    ),
    ...shown.flatMap(({ kind, policy, source, fields }) => [
      ...spread(
        { text: `  · ${phraseText([foreign(policy), ` · ${kind}`])}` },
        { text: phraseText([foreign(place(source))]), style: 'dim' },
        page,
      ),
      ...paragraph({ text: belowRow }, plain(fields.map(fieldText).join(', ')), page),
    ]),
    ...moreText(rest.length, page),
  ];
}

/** A whole kind is named by `spec` alone. */
export function fieldText(field: string): string {
  return field === 'spec' ? 'the whole document' : field;
}

export function warningsText(warnings: readonly string[], page: Page): string[] {
  if (warnings.length === 0) return [];
  const { shown, rest } = listed(warnings, longestList, page);
  return [
    page.paint('strong', 'warnings'),
    ...shown.flatMap((warning) => paragraph({ text: '  ! ' }, plain(warning), page)),
    ...moreText(rest.length, page),
  ];
}

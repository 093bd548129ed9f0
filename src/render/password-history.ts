/** The passwords of one device, for a person and as JSON; none of them is in it. */
import type { AccountHistory, KeptPassword, PasswordHistory } from '../model/password-history.ts';
import { belowRow, columns, type Row } from './columns.ts';
import { plain } from './escape.ts';
import { jsonText } from './json.ts';
import { type Page, pageOf, sections, type View } from './view.ts';
import { wrap } from './width.ts';
import { minute } from './words.ts';

/** `schemas/password-history.schema.json` */
export function historyJson(history: PasswordHistory): string {
  const keys = [
    'device',
    'computerId',
    'accounts',
    'account',
    'rid',
    'open',
    'passwords',
    'rotation',
    'attempt',
    'state',
  ];
  return jsonText(history, keys);
}

export function historyText({ device, computerId, accounts }: PasswordHistory, view: View): string {
  const page = pageOf(view);
  const head = `${page.paint('strong', plain(device))}   Computer ID ${plain(computerId)}`;
  if (accounts.length === 0) return sections([[head], ['No password of it is kept.']]);
  return sections([[head], ...accounts.map((account) => accountLines(account, page))]);
}

function accountLines({ account, rid, open, passwords }: AccountHistory, page: Page): string[] {
  const head = `${plain(account)}${rid === null ? '' : `, RID ${rid}`}`;
  const unsettled =
    open === null
      ? []
      : [`${belowRow}rotation ${plain(open.rotation)} of ${minute(open.askedAt)} has not been reported yet`];
  const rows = columns(passwords.map(rowOf), 3, page);
  return [
    head,
    ...unsettled,
    ...passwords.flatMap((one, index) => [...(rows[index] ?? []), ...revealLines(one, page)]),
  ];
}

function rowOf(one: KeptPassword): Row {
  const { state, setAt, keptAt, rotation, attempt } = one;
  return {
    lead: state === 'current' ? { text: '·' } : { text: state === 'pending' ? '?' : ' ', style: 'dim' },
    cells: [
      { text: state },
      { text: setAt === null ? `kept ${minute(keptAt)}` : `set ${minute(setAt)}` },
      { text: `${plain(rotation)}.${attempt}`, style: 'dim' },
      { text: notesOf(one).join(', ') },
    ],
  };
}

function notesOf({ state, confirmed, endedAt, handedOutAt, recoveryKeys }: KeptPassword): readonly string[] {
  return [
    ...(state === 'current' ? [confirmed ? 'confirmed' : 'not confirmed yet'] : []),
    ...(endedAt === null ? [] : [`until ${minute(endedAt)}`]),
    ...(handedOutAt === null ? [] : [`handed out ${minute(handedOutAt)}`]),
    ...(recoveryKeys.length === 0 ? [] : ['sealed to recovery keys']),
  ];
}

function revealLines({ reveals }: KeptPassword, page: Page): string[] {
  return reveals.flatMap(({ at, by, reason }) =>
    wrap(`read ${minute(at)} by ${plain(by)}: ${plain(reason)}`, page.width - belowRow.length).map(
      (line) => `${belowRow}${page.paint('error', line)}`,
    ),
  );
}

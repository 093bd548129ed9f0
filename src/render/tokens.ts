/** API tokens, for a person and as JSON. A token itself is nowhere in it. */
import { columns, type Row } from './columns.ts';
import { plain } from './escape.ts';
import { jsonText } from './json.ts';
import { pageOf, type View } from './view.ts';
import { counted } from './words.ts';

export interface ListedToken {
  readonly id: number;
  readonly name: string;
  readonly user: number;
  readonly persona: number;
  /** ISO time; null: Tanium does not say. */
  readonly expires: string | null;
  /** Whole days until then; null: not known. */
  readonly daysLeft: number | null;
  /** ISO time; null: Tanium does not say. */
  readonly lastUsed: string | null;
  /** Whether it seems to be the one in use. */
  readonly current: boolean;
}

/** `schemas/tokens.schema.json` */
export function tokensJson(tokens: readonly ListedToken[]): string {
  const keys = ['tokens', 'id', 'name', 'user', 'persona', 'expires', 'daysLeft', 'lastUsed', 'current'];
  return jsonText({ tokens }, keys);
}

/** `warnDays`: from how many days before its end on a token stands out. */
export function tokensText(tokens: readonly ListedToken[], warnDays: number, view: View): string {
  if (tokens.length === 0) return 'Tanium lists no token.\n';
  const rows = tokens.map(({ id, name, persona, expires, daysLeft, current }): Row => {
    const ends = daysLeft !== null && daysLeft < warnDays;
    return {
      lead: ends ? { text: '!', style: daysLeft < 0 ? 'error' : 'change' } : { text: '·', style: 'dim' },
      cells: [
        { text: String(id), align: 'right' },
        { text: plain(name) },
        { text: persona === 0 ? '' : `persona ${persona}` },
        { text: expires === null ? 'end not known' : `${endWords(daysLeft)}, ${plain(expires.slice(0, 10))}` },
        { text: current ? 'in use' : '' },
      ],
    };
  });
  return `${columns(rows, 1, pageOf(view)).flat().join('\n')}\n`;
}

function endWords(daysLeft: number | null): string {
  if (daysLeft === null) return 'ends';
  return daysLeft < 0 ? 'has ended' : `${counted(daysLeft, 'day')} left`;
}

/** The keys of a store, for a person and as JSON. Of a key itself nothing is shown but its id. */
import { columns, type Row } from './columns.ts';
import { plain } from './escape.ts';
import { jsonText } from './json.ts';
import { pageOf, type View } from './view.ts';
import { counted, minute } from './words.ts';

export interface ListedKey {
  /** 16 hexadecimal digits, of its hash. */
  readonly id: string;
  /** ISO time; null: unknown. */
  readonly madeAt: string | null;
  /** False: something is sealed under it, and it is not where the keys are. */
  readonly here: boolean;
  readonly newest: boolean;
  readonly passwords: number;
  readonly rotationKeys: number;
}

export interface KeyListing {
  /** A path, or the name of the variable. */
  readonly place: string;
  readonly keys: readonly ListedKey[];
}

/** `schemas/keys.schema.json` */
export function keysJson({ place, keys }: KeyListing): string {
  return jsonText({ place, keys }, ['place', 'keys', 'id', 'madeAt', 'here', 'newest', 'passwords', 'rotationKeys']);
}

export function keysText({ place, keys }: KeyListing, view: View): string {
  if (keys.length === 0) return `There is no key yet; the first password makes one in ${plain(place)}.\n`;
  const page = pageOf(view);
  const rows = keys.map(
    (key): Row => ({
      lead: key.here ? { text: '·', style: 'dim' } : { text: '!', style: 'error' },
      cells: [
        { text: key.id },
        { text: key.madeAt === null ? '' : minute(key.madeAt) },
        { text: `${counted(key.passwords, 'password')}, ${counted(key.rotationKeys, 'key')} of rotations` },
        { text: key.newest ? 'seals' : key.here ? 'opens' : `not in ${plain(place)}` },
      ],
    }),
  );
  return `${columns(rows, 3, page).flat().join('\n')}\n`;
}

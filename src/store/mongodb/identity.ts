/** A record's `_id` as opaque text and back: an ObjectId as its 24 hexadecimal digits, text as itself. */
import { ObjectId } from 'mongodb';
import { TrueupError } from '../../errors.ts';

const objectIdPattern = /^[0-9a-f]{24}$/;
const TEXT = 'text:';

/** Raises TRUEUP_STORE_INVALID for an id of any other type. */
export function idOf(id: unknown, collection: string): string {
  if (id instanceof ObjectId) return id.toHexString();
  if (typeof id === 'string') return objectIdPattern.test(id) || id.startsWith(TEXT) ? TEXT + id : id;
  throw new TrueupError(
    'TRUEUP_STORE_INVALID',
    `A record in ${collection} has an _id that is neither an ObjectId nor text.`,
  );
}

export function documentId(id: string): ObjectId | string {
  if (objectIdPattern.test(id)) return new ObjectId(id);
  return id.startsWith(TEXT) ? id.slice(TEXT.length) : id;
}

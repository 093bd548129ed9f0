/** One number for a whole configuration. */
import { createHash } from 'node:crypto';
import { compareText } from '../model/sid.ts';

/**
 * SHA-256 in hexadecimal over what the documents declare. Comments, the order of files, documents and keys, and how a
 * value is written do not matter; the order of a list does.
 */
export function digestOf(documents: readonly unknown[]): string {
  const texts = documents.map(canonical).toSorted(compareText);
  return createHash('sha256').update(texts.join('\n'), 'utf8').digest('hex');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.assign(
      Object.create(null),
      Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compareText(a, b))),
    );
  });
}

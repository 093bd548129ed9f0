/** One number for a whole configuration. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical.ts';
import { compareText } from '../model/sid.ts';

/**
 * SHA-256 in hexadecimal over what the documents declare. Comments, the order of files, documents and keys, and how a
 * value is written do not matter; the order of a list does.
 */
export function digestOf(documents: readonly unknown[]): string {
  const texts = documents.map(canonicalJson).toSorted(compareText);
  return createHash('sha256').update(texts.join('\n'), 'utf8').digest('hex');
}

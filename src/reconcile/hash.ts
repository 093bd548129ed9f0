import { createHash } from 'node:crypto';

/** In hex, of a text or of its parts, none of which ends within a character. */
export function sha256(text: string | Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of typeof text === 'string' ? [text] : text) hash.update(part, 'utf8');
  return hash.digest('hex');
}

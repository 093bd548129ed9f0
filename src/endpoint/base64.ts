/** Base64 of UTF-8, strictly: what does not decode to text is refused, never repaired. */

/** Throws a RangeError for a text with half a surrogate pair, which UTF-8 cannot carry. */
export function toBase64(text: string): string {
  if (!text.isWellFormed()) throw new RangeError('the text is not well-formed UTF-16');
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Standard alphabet, padded, valid UTF-8; null otherwise. */
export function fromBase64(text: string): string | null {
  if (!isBase64(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/**
 * How Tanium writes a parameter into a command or a script: its UTF-8, all but `[A-Za-z0-9]` as `%xx` in lower case
 * (tanium-api.md 8).
 */
export function percentEncoded(value: string): string {
  let encoded = '';
  for (const byte of Buffer.from(value, 'utf8')) {
    const char = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return encoded;
}

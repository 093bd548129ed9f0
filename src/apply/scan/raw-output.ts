/** The output of an action that nobody could read, for whoever has to find out why (npsd-domain.md item 17). */
import { visibleJson } from '../../model/visible-json.ts';

const mostLines = 5;
const mostCharacters = 500;
/** Long runs of the alphabet of Base64 and of hex: a key, a ciphertext, a password that somebody has encoded. */
const mayBeSecret = /[A-Za-z0-9+/=_-]{24,}/g;
const named = /\b(password|passwd|pwd|token|secret|session|api[-_ ]?key)\b(\s*[:=]\s*)\S+/gi;

/** In quotes, with control characters written out; what may be a secret is not shown. */
export function rawOutput(lines: readonly string[]): string {
  const text = lines
    .slice(0, mostLines)
    .join('\n')
    .slice(0, 20 * mostCharacters);
  const redacted = text.replace(named, '$1$2[secret]').replace(mayBeSecret, '[cut]').toWellFormed();
  const shown = redacted.length > mostCharacters ? `${redacted.slice(0, mostCharacters)}…` : redacted;
  return visibleJson(JSON.stringify(shown));
}

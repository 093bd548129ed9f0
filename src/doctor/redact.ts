/** What must not be in anything that leaves the machine, wherever it stands in a text (#183). */

const secret = '[secret]';

/** Forms of secrets that nobody has to know to see: tokens, credentials of an address, values behind a telling name. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/\btoken-[\w-]{8,}/g, `token-${secret}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${secret}@`],
  [/\b(Bearer|Basic)\s+[\w+/=.-]+/gi, `$1 ${secret}`],
  [
    /((?:\b|_)(?:session|password|passwd|pwd|secret|token|token_string|api_?key|authorization|encryptedpassword|encodedcommand)\\?["']?\s*[:=]\s*\\?["']?)(?!\[secret\])[^\s"',;}\\&]+/gi,
    `$1${secret}`,
  ],
  // Sealed or encoded, nobody reads it; what it holds may be opened all the same.
  [/[A-Za-z0-9+/]{120,}={0,2}/g, secret],
];

/** `known`: secrets by their values, in any order. */
export function redacted(text: string, known: readonly string[]): string {
  let clean = text;
  for (const value of known.filter(({ length }) => length >= shortest).toSorted((a, b) => b.length - a.length)) {
    for (const spelling of spellingsOf(value)) clean = clean.replaceAll(spelling, secret);
  }
  for (const [form, instead] of forms) clean = clean.replaceAll(form, instead);
  return clean;
}

/** A shorter one would black out ordinary words. */
const shortest = 4;

function spellingsOf(value: string): readonly string[] {
  const bare = value.replace(/^token-/, '');
  const base64 = Buffer.from(value, 'utf8').toString('base64');
  return [...new Set([value, bare, base64, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])];
}

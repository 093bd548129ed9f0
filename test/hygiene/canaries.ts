/** Secrets that nobody would write by chance, and the search for them in everything that a program leaves behind. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export function canary(place: string): string {
  return `canary-${place}-${randomBytes(18).toString('hex')}`;
}

/** By what it is said to be: standard error of a verb, a file, a document. */
export type Left = ReadonlyMap<string, Uint8Array | string>;

/** `WHERE: WHAT` of each secret that is found, be it a good piece of it, in Base64, percent-encoded, or in UTF-16. */
export function leaks(secrets: Readonly<Record<string, string>>, left: Left): string[] {
  const found: string[] = [];
  for (const [where, what] of left) {
    const bytes = Buffer.from(what);
    for (const [name, secret] of Object.entries(secrets)) {
      if (spellings(secret).some((spelling) => bytes.includes(spelling))) found.push(`${where}: ${name}`);
    }
  }
  return found;
}

const pieceLength = 16;

function spellings(secret: string): Buffer[] {
  const middle = Math.floor((secret.length - pieceLength) / 2);
  const piece = secret.length > 2 * pieceLength ? secret.slice(middle, middle + pieceLength) : secret;
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [
    Buffer.from(piece),
    Buffer.from(piece, 'utf16le'),
    Buffer.from(encodeURIComponent(piece)),
    Buffer.from(base64.slice(0, -2)),
    Buffer.from(Buffer.from(piece).toString('hex')),
  ];
}

/** Every file below a folder by its path, but for those in which a secret belongs. */
export function filesIn(folder: string, but: readonly string[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (entry.isFile() && !but.includes(name)) files.set(name, readFileSync(path));
  }
  return files;
}

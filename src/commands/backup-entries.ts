/** What a backup is made of: entries one after the other, each a line of JSON with its name and length, and its bytes. */
import { TrueupError } from '../errors.ts';
import { piecesOf } from '../secrets/sealed-stream.ts';

/**
 * `about`: whose it is · `keys`: the key file · `audit-head`, `audit-key`: what is kept beside the audit chain · `database`:
 * the file of an embedded store · `credential`, `rotation-key`: a record of another store, as JSON with its provider.
 */
const entryNames = ['about', 'keys', 'audit-head', 'audit-key', 'database', 'credential', 'rotation-key'] as const;
export type EntryName = (typeof entryNames)[number];

export interface BackupEntry {
  readonly name: EntryName;
  readonly size: number;
  readonly bytes: AsyncIterable<Buffer>;
}

export interface About {
  readonly version: 1;
  readonly store: 'embedded' | 'npsd';
  /** ISO time. */
  readonly madeAt: string;
  readonly provider: string;
}

export function wholeEntry(name: EntryName, bytes: Buffer): BackupEntry {
  return { name, size: bytes.length, bytes: once(bytes) };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

export async function* entryBytes(entries: AsyncIterable<BackupEntry>): AsyncGenerator<Buffer> {
  for await (const { name, size, bytes } of entries) {
    yield Buffer.from(`${JSON.stringify({ name, size })}\n`, 'utf8');
    yield* bytes;
  }
}

const mostHeadBytes = 1024;
const lineFeed = 0x0a;
const pieceBytes = 256 * 1024;

/** The bytes of an entry are to be read before the next one is asked for. Throws TRUEUP_BACKUP_INVALID. */
export async function* entriesIn(stream: AsyncIterable<Buffer>): AsyncGenerator<BackupEntry> {
  const pieces = piecesOf(stream);
  while (!(await pieces.isOver())) {
    const { name, size } = headIn(await pieces.upTo(lineFeed, mostHeadBytes));
    yield { name, size, bytes: piecesUpTo(pieces, size) };
  }
}

async function* piecesUpTo(pieces: ReturnType<typeof piecesOf>, size: number): AsyncGenerator<Buffer> {
  for (let left = size; left > 0; ) {
    const piece = await pieces.exactly(Math.min(left, pieceBytes));
    left -= piece.length;
    yield piece;
  }
}

function headIn(line: Buffer): Pick<BackupEntry, 'name' | 'size'> {
  const { name, size } = JSON.parse(line.toString('utf8')) as { name?: unknown; size?: unknown };
  const known = entryNames.find((one) => one === name);
  if (known === undefined || typeof size !== 'number') {
    throw new TrueupError('TRUEUP_BACKUP_INVALID', 'The backup holds something that this Trueup does not know.');
  }
  return { name: known, size };
}

export async function wholeBytes({ bytes }: BackupEntry): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of bytes) all.push(piece);
  return Buffer.concat(all);
}

/** Files that clients sent up, whole or in pieces (tanium-api.md 6). */
import { createHash } from 'node:crypto';
import { Refusal } from '../http/failure.ts';

export interface Upload {
  readonly id: number;
  readonly size: number;
  readonly key: string;
  readonly destination: string;
  readonly parts: Buffer[];
  received: number;
  /** SHA-256 in hex, once it is whole; empty before. */
  hash: string;
}

export interface Uploads {
  begin(size: number, key: string, destination: string): Upload;
  byId(id: number): Upload | undefined;
  /** Takes the bytes at `start`, which must be where the last ones ended. @throws Refusal */
  add(upload: Upload, start: number, bytes: Buffer, hash: string | null): void;
  /** Of a file that is whole; undefined: none of this hash was sent. */
  content(hash: string): Buffer | undefined;
  keep(content: Buffer): string;
}

/** Bytes of all files together. */
const maxBytes = 256 * 1024 * 1024;

export function openUploads(): Uploads {
  const uploads = new Map<number, Upload>();
  const files = new Map<string, Buffer>();
  let held = 0;

  function keep(content: Buffer): string {
    const hash = createHash('sha256').update(content).digest('hex');
    files.set(hash, content);
    return hash;
  }

  return {
    begin: (size, key, destination) => {
      const upload: Upload = { id: uploads.size + 1, size, key, destination, parts: [], received: 0, hash: '' };
      uploads.set(upload.id, upload);
      return upload;
    },
    byId: (id) => uploads.get(id),
    add: (upload, start, bytes, hash) => {
      if (start !== upload.received || start + bytes.length > upload.size) {
        throw new Refusal(
          'FileSizeRequired',
          `${bytes.length} bytes at ${start} do not fit: ${upload.received} of ${upload.size} are here`,
        );
      }
      held += bytes.length;
      if (held > maxBytes) throw new Refusal('FileSizeRequired', `more than ${maxBytes} bytes were sent up`);
      upload.parts.push(bytes);
      upload.received += bytes.length;
      if (upload.received < upload.size) return;
      const whole = Buffer.concat(upload.parts);
      const found = createHash('sha256').update(whole).digest('hex');
      if (hash !== null && hash.toLowerCase() !== found) throw new Refusal('InvalidBase64', 'the hash is another one');
      upload.parts.length = 0;
      upload.hash = keep(whole);
    },
    content: (hash) => files.get(hash.toLowerCase()),
    keep,
  };
}

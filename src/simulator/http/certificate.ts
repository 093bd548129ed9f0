/** A throw-away certificate for this machine, which is its own authority: nothing else is ever signed with its key. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** A PEM file for clients, in a folder of its own that only this user can read. */
  readonly caFile: string;
  readonly remove: () => void;
}

const dayMs = 86_400_000;

export async function makeCertificate(): Promise<Certificate> {
  const now = Date.now();
  const pems = await generate([{ name: 'commonName', value: 'Simulated Tanium Cloud' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + 365 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), 'trueup-simulator-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, pems.cert, { mode: 0o600 });
  return {
    key: pems.private,
    cert: pems.cert,
    caFile,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

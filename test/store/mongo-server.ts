/** A MongoDB for tests: `MONGODB_URI`, else a `mongod` or `ferretdb` from PATH on a free port and a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface MongoServer {
  /** The address of a database that nobody uses yet. */
  readonly freshUrl: () => string;
  readonly stop: () => Promise<void>;
}

/** Null: there is none on this machine. */
export async function startMongo(): Promise<MongoServer | null> {
  const given = process.env['MONGODB_URI'];
  if (given) return { freshUrl: () => withDatabase(given, freshName()), stop: async () => {} };
  const mongod = onPath('mongod');
  if (mongod !== null) return startMongod(mongod);
  const ferretdb = onPath('ferretdb');
  return ferretdb === null ? null : startFerret(ferretdb);
}

/** Whether `startMongo` would answer with one. */
export function hasMongo(): boolean {
  return Boolean(process.env['MONGODB_URI']) || onPath('mongod') !== null || onPath('ferretdb') !== null;
}

async function startFerret(command: string): Promise<MongoServer> {
  const child = spawn(command, ['--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const url = await lineOf(child, /mongodb:\/\/\S+/);
  return { freshUrl: () => withDatabase(url, freshName()), stop: () => ended(child) };
}

async function startMongod(command: string): Promise<MongoServer> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-mongod-'));
  const port = await freePort();
  const options = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--unixSocketPrefix', folder];
  const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'ignore'] });
  await lineOf(child, /Waiting for connections/i);
  return {
    freshUrl: () => `mongodb://127.0.0.1:${port}/${freshName()}`,
    stop: async () => {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text = (text + data.toString()).slice(-20_000);
      const found = pattern.exec(text);
      if (found) resolve(found[0]);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the database server ended with ${code} before it was ready`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function freshName(): string {
  return `trueup_test_${randomBytes(6).toString('hex')}`;
}

/** Puts a database into an address; the one that it named, or `admin`, still checks the credentials. */
function withDatabase(url: string, database: string): string {
  const [, base = url, path = '', query = ''] = /^([^/]+\/\/[^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  if (base.includes('@') && !parameters.has('authSource')) parameters.set('authSource', path || 'admin');
  return parameters.size === 0 ? `${base}/${database}` : `${base}/${database}?${parameters}`;
}

function onPath(command: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      const file = join(folder, command);
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { npsdTurning, openLogFile } from '../src/log-file.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trueup-log-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function linesOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  if (!text.endsWith('\n')) throw new Error(`${path} ends within a line`);
  return text.slice(0, -1).split('\n');
}

/** From the oldest archive to the file that is written to. */
function allLines(path: string, archives: number): string[] {
  const lines: string[] = [];
  for (let number = archives; number >= 1; number -= 1) {
    const archive = `${path}.${number}`;
    if (statSync(archive, { throwIfNoEntry: false }) !== undefined) lines.push(...linesOf(archive));
  }
  return [...lines, ...linesOf(path)];
}

describe('a log file', () => {
  it('is kept as long and as often as NPS-D keeps its own', () => {
    expect(npsdTurning).toEqual({ maxBytes: 10_000_000, archives: 5 });
  });

  it('is turned over before it is too long, and the oldest goes', () => {
    const path = join(folder(), 'svc_scan.log');
    const file = openLogFile(path, { maxBytes: 100, archives: 3 });
    for (let number = 0; number < 60; number += 1) file.write(`${String(number).padStart(9, '0')}\n`);
    file.close();
    for (const name of [path, `${path}.1`, `${path}.2`, `${path}.3`]) {
      expect(statSync(name).size).toBeLessThanOrEqual(100);
      expect(statSync(name).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(join(path, '..'))).toHaveLength(4);
    expect(allLines(path, 3).map(Number)).toEqual(Array.from({ length: 40 }, (_, index) => index + 20));
  });

  it('takes a line that is longer than a file by itself', () => {
    const path = join(folder(), 'svc_scan.log');
    const file = openLogFile(path, { maxBytes: 20, archives: 2 });
    for (const line of ['short', 'x'.repeat(50), 'after']) file.write(`${line}\n`);
    file.close();
    expect(allLines(path, 2)).toEqual(['short', 'x'.repeat(50), 'after']);
  });

  it('loses no line and breaks none where several processes write to it and turn it over', {
    timeout: 60_000,
  }, async () => {
    const directory = folder();
    const writer = fileURLToPath(new URL('log-writer.ts', import.meta.url));
    const [count, archives] = [2000, 60];
    const names = ['a', 'b', 'c'];
    const ends = names.map(
      (name) =>
        new Promise<number | null>((resolve, reject) => {
          const words = [writer, directory, name, String(count), '20000', String(archives)];
          const child = spawn(process.execPath, words, { stdio: 'inherit' });
          child.on('error', reject);
          child.on('close', resolve);
        }),
    );
    expect(await Promise.all(ends)).toEqual([0, 0, 0]);
    const path = join(directory, 'svc_scan.log');
    expect(statSync(`${path}.10`).size).toBeGreaterThan(0);
    const numbers = new Map<string, number[]>(names.map((name) => [name, []]));
    for (const line of allLines(path, archives)) {
      const { name, number } = JSON.parse(line) as { name: string; number: number };
      numbers.get(name)?.push(number);
    }
    const every = Array.from({ length: count }, (_, index) => index);
    for (const name of names) expect(numbers.get(name)?.toSorted((a, b) => a - b)).toEqual(every);
  });

  it('is turned over although somebody died of it', () => {
    const path = join(folder(), 'svc_scan.log');
    mkdirSync(`${path}.lock`);
    const file = openLogFile(path, { maxBytes: 20, archives: 2 });
    for (const line of ['one', 'two']) file.write(`${line.repeat(5)}\n`);
    expect(linesOf(path)).toHaveLength(2);
    utimesSync(`${path}.lock`, 0, 0);
    for (const line of ['three', 'four']) file.write(`${line.repeat(2)}\n`);
    file.close();
    expect(linesOf(path)).toEqual(['fourfour']);
    expect(linesOf(`${path}.1`)).toEqual(['oneoneoneoneone', 'twotwotwotwotwo', 'threethree']);
  });

  it('says how many lines it could not write, once it can again', () => {
    const directory = join(folder(), 'logs');
    const path = join(directory, 'svc_scan.log');
    const file = openLogFile(path, npsdTurning);
    file.write('first\n');
    rmSync(directory, { recursive: true });
    file.write('lost\n');
    file.write('lost\n');
    mkdirSync(directory);
    chmodSync(directory, 0o700);
    file.write('last\n');
    file.close();
    const [lost = '', last] = linesOf(path);
    expect([JSON.parse(lost), last]).toEqual([
      { level: 'warn', time: expect.any(String), lost: 2, msg: 'lines could not be written' },
      'last',
    ]);
  });
});

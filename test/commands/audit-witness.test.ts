/** The newest hash that is kept apart: whoever writes it, and whatever was done to the chain since. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WitnessFiles, witnessedHead, witnessFiles, witnessIn } from '../../src/commands/audit-witness.ts';
import type { AuditHead } from '../../src/model/audit.ts';

function headOf(number: number, chain = 'a'): AuditHead {
  return { number, hash: `${chain}${number}`, at: '2026-03-02T09:00:00.000Z' };
}

/** A chain of so many records. */
function chainOf(length: number, chain = 'a'): (number: number) => Promise<string | null> {
  return async (number) => (number <= length ? headOf(number, chain).hash : null);
}

function placed(store = 'sqlite:state.db'): WitnessFiles {
  const cwd = mkdtempSync(join(tmpdir(), 'trueup-witness-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  return witnessFiles(store, { cwd });
}

describe('the newest hash', () => {
  it('is kept signed, for its owner alone, and of several at once the newest stays', async () => {
    const files = placed();
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    const kept = await Promise.all(numbers.map((number) => witnessIn(files)(headOf(number), chainOf(20))));
    expect(kept).toEqual(numbers.map(() => true));
    await witnessIn(files)(headOf(20), chainOf(20));
    expect(await witnessedHead(files)).toEqual(headOf(20));
    await witnessIn(files)(headOf(19), chainOf(20));
    expect(await witnessedHead(files)).toEqual(headOf(20));
    expect(readdirSync(join(files.key, '..')).toSorted()).toEqual(['audit-key.pem', 'state.db.audit-head.json']);
    for (const file of [files.key, files.head]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('stays, and tells, where its chain was cut or written anew since, however far that has grown', async () => {
    const files = placed();
    expect(await witnessIn(files)(headOf(7), chainOf(7))).toBe(true);
    expect(await witnessIn(files)(headOf(6), chainOf(6))).toBe(false);
    expect(await witnessIn(files)(headOf(9, 'b'), chainOf(9, 'b'))).toBe(false);
    expect(await witnessedHead(files)).toEqual(headOf(7));
  });

  it('is not replaced where somebody has changed it', async () => {
    const files = placed();
    await witnessIn(files)(headOf(7), chainOf(7));
    writeFileSync(files.head, JSON.stringify({ ...headOf(5), signature: 'AAAA' }));
    expect(await witnessIn(files)(headOf(8), chainOf(8))).toBe(false);
    await expect(witnessedHead(files)).rejects.toMatchObject({ code: 'TRUEUP_AUDIT_BROKEN' });
  });

  it('is one for each store, whoever logs in', () => {
    const heads = [
      'sqlite:state.db',
      'sqlite:other.db',
      'mongodb://db.example/one',
      'mongodb://ada:secret@db.example/one?tls=true',
      'mongodb://db.example/two',
    ].map((store) => witnessFiles(store, { cwd: '/srv' }).head);
    expect(new Set(heads).size).toBe(4);
    expect(heads[3]).toBe(heads[2]);
  });
});

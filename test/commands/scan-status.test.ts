/** The monitor as one looks on: drawn over on a terminal, a line for each change elsewhere. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { Io } from '../../src/commands/io.ts';
import { scanStatus } from '../../src/commands/scan-status.ts';
import { defaultFields } from '../../src/model/provider-fields.ts';
import type { ScanRun } from '../../src/model/scan.ts';
import type { LeaseHolder } from '../../src/ports.ts';
import { currentHolder, isDead } from '../../src/store/holder.ts';
import { openStore } from '../../src/store/open.ts';

const example: string = fileURLToPath(new URL('../../examples/minimal', import.meta.url));
const provider = 'Production Tanium';
const me = currentHolder('scan');

const run: ScanRun = {
  id: 'a1b2c3d4e5f6',
  kind: 'bulk',
  provider,
  group: 'All Windows Computers',
  startedAt: '2026-03-02T09:14:08.000Z',
  endedAt: null,
  status: 'running',
  questionId: '7',
  actionId: null,
  totals: {
    targeted: 100,
    matched: 100,
    unmatched: 0,
    missing: 0,
    completed: 40,
    failed: 0,
    offline: 0,
    fallback: 0,
    updated: 0,
  },
  retries: 0,
  apiCalls: 9,
  apiErrors: 0,
  durationSeconds: 3,
  errors: [],
};

/** What is written while a scan goes from 40 devices to its end, or is found to be dead, which ends the look. */
async function watched(columns: number | undefined, holder: LeaseHolder | null = me, rows?: number): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'trueup-watch-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  cpSync(example, cwd, { recursive: true });
  const store = await openStore('sqlite:state.db', { provider, fields: defaultFields, mode: 'write' }, { cwd });
  onTestFinished(() => store.close());
  await store.putScanRun(run);
  if (holder !== null) await store.acquire(provider, holder, isDead);
  const stop = new AbortController();
  let written = '';
  const io: Io = {
    out: (text) => {
      written += text;
      if (text.includes('100 of 100') || text.includes('interrupted')) stop.abort(new Error('enough'));
      else {
        const totals = { ...run.totals, completed: 100 };
        void store.putScanRun({ ...run, status: 'completed', endedAt: run.startedAt, totals });
      }
    },
    err: () => {},
    ask: null,
    input: null,
    env: {},
    cwd,
    color: false,
    columns,
    rows,
    statusColumns: null,
    signal: stop.signal,
    verbosity: 'quiet',
  };
  const options = { config: ['.'], store: 'sqlite:state.db', logDir: null, format: 'text', watch: true } as const;
  expect(await scanStatus(options, io)).toBe(0);
  return written;
}

it('#134 draws over what it drew before on a terminal', async () => {
  const text = await watched(100);
  const [first = '', second = ''] = text.split('\u001b[0J');
  expect(first).toContain('40 of 100 devices');
  // Back to where the first line began, however many there were.
  const lines = first.replace(/\u001b\[\d+A$/, '').split('\n').length - 1;
  expect(first.endsWith(`\u001b[${lines}A`)).toBe(true);
  expect(second).toContain('100 of 100 devices');
});

it('draws no more than the terminal has lines: what has scrolled away stays', async () => {
  const frames = (await watched(100, me, 6)).split(/\u001b\[\d+A\u001b\[0J/);
  expect(frames.map((frame) => frame.split('\n').length - 1)).toEqual([5, 5]);
  expect(frames[1]).toContain('100 of 100 devices');
});

it('#134 writes a line for each change elsewhere, and nothing that moves', async () => {
  const text = await watched(undefined);
  expect(text).not.toContain('\u001b');
  expect(text.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^bulk scan a1b2c3d4e5f6 {3}running {3}40 of 100 devices/),
    expect.stringMatching(/^bulk scan a1b2c3d4e5f6 {3}completed {3}100 of 100 devices/),
  ]);
});

it.each([
  ['nobody', null],
  ['a process that is no more', { ...me, started: '1' }],
])('says that a scan of %s is interrupted, before the next one finds it', async (_, holder) => {
  const text = await watched(undefined, holder);
  expect(text).toMatch(/^bulk scan a1b2c3d4e5f6 {3}interrupted {3}40 of 100 devices/);
});

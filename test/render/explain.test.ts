import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriftRecord } from '../../src/model/drift.ts';
import type { Explanation } from '../../src/model/explanation.ts';
import type { LastScan } from '../../src/model/scan.ts';
import { explainJson } from '../../src/render/explain-json.ts';
import { explainText } from '../../src/render/explain-text.ts';
import { cellWidth } from '../../src/render/width.ts';
import { expectGolden } from '../golden.ts';
import { anybody, explained, fallen, rotatedDevice, silent, stranger, visited } from './explained.ts';
import { hostileNames } from './hostile.ts';
import { drift } from './ledger.ts';
import { validator } from './schema.ts';

const view = { color: false };

const told: Readonly<Record<string, () => Explanation>> = {
  drifted: explained,
  silent,
  fallen,
  stranger,
  rotated: rotatedDevice,
};

describe('golden texts', () => {
  it.each(Object.entries(told))('%s', (name, make) => {
    expectGolden(`explain-${name}.txt`, explainText(make(), view));
  });
});

describe('the text', () => {
  it('names of every facet the statement that decides it, with file and line', () => {
    const text = explainText(explained(), { ...view, columns: 120 });
    expect(text).toMatch(/= protect JITA +as declared +servers servers\.yaml:1/);
    expect(text).toMatch(/~ enabled off → on +drift +breakglass breakglass\.yaml:12/);
    expect(text).toMatch(/- CORP\\contractor-x member → no member +drift +server-admins server-admins\.yaml:4/);
  });

  it('tells below it the guard and what would release it, the record of the drift, and that we failed', () => {
    const text = explainText(explained(), { ...view, columns: 120 });
    expect(text).toMatch(/! S-1-5-21-\S+ member → no +guard: orphan/);
    expect(text).toContain('to release: Keep it by a keep pattern, or wait');
    expect(text).toContain('drift: open, outside change by CORP\\helpdesk-7, since 2026-03-02 09:00Z');
    expect(text).toContain('our last correction of it failed on this device');
  });

  it('#173 shows lastScan, whatever NPS-D or a machine has put into it', () => {
    const one = explained();
    const { record } = one;
    if (record === null) throw new Error('the example has no record');
    const of = (lastScan: LastScan | null): string => explainText({ ...one, record: { ...record, lastScan } }, view);
    const shown = (parts: Partial<LastScan>): string => of(record.lastScan && { ...record.lastScan, ...parts });
    expect(shown({})).toContain(
      'last scan 2026-03-02 09:18Z, failed: it does not answer; last seen 2026-03-02 09:14Z\n',
    );
    expect(shown({ success: true, msg: 'scanned in real time' })).toContain('09:18Z: scanned in real time\n');
    expect(shown({ msg: 'evil\u202e\u001b[2J\n' })).toContain(', failed: evil\\u{202E}\\u{1B}[2J\\u{A}\n');
    expect(of(null)).not.toContain('last scan');
  });

  it('calls a session a session, and says what ends it', () => {
    const text = explainText(visited(), { ...view, columns: 120 });
    expect(text).toMatch(/! CORP\\contractor-x member in a session → member for a +guard: active-session .*\n +time\n/);
    expect(text).toContain('to release: Wait for its end, or apply with --allow active-session=DEVICE');
  });

  it('tells of drift that is over, and of no more than a screen holds', () => {
    const records = Array.from({ length: 40 }, (_, index): DriftRecord => {
      return drift(`r${index}`, 'SRV-1', {
        state: 'resolved',
        subject: { account: `a${index}` },
        kind: 'account.enable',
      });
    });
    const text = explainText({ ...explained(), drift: records }, view);
    expect(text).toMatch(/account a0 is disabled +resolved/);
    expect(text).toContain('and 30 more; trueup drift --device shows them all');
  });

  it('ends in one line that counts, and never speaks of success', () => {
    for (const make of Object.values(told)) {
      const text = explainText(make(), view);
      expect(text.trimEnd().split('\n').at(-1)).toMatch(/^SRV-\d+(?:\.corp\.example)?: .*\.$/);
      expect(text).not.toMatch(/success|succeed/i);
    }
  });

  it.each([60, 80, 100])('has no line wider than %d cells, but the last', (columns) => {
    for (const make of Object.values(told)) {
      const lines = explainText(make(), { ...view, columns })
        .trimEnd()
        .split('\n')
        .slice(0, -1);
      for (const line of lines) expect(cellWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('shows names of a device escaped, with no line of their own', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom(...hostileNames));
    fc.assert(
      fc.property(anything, anything, anything, (member, account, description) => {
        const text = explainText(anybody({ member, account, description }), { ...view, columns: 100 });
        expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
        expect(text.split('\n').filter((line) => line.startsWith('Plan: '))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the JSON', () => {
  const validate = validator('explain');

  it.each(Object.entries(told))('is what explain.schema.json says (%s)', (_, make) => {
    const text = explainJson(make());
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(explainJson(structuredClone(make()))).toBe(text);
  });

  it('knows a check that fails on the device', () => {
    const subject = { baseline: 'servers', check: 'smb-signing' };
    const check = { path: 'smb.requireSigning', found: false, severity: 'high' } as const;
    const failing = drift('c', 'SRV-1', { kind: 'compliance.check', policy: 'servers', subject, check });
    const one = { ...explained(), drift: [failing] };
    expect(validate(JSON.parse(explainJson(one))), JSON.stringify(validate.errors)).toBe(true);
    expect(explainText(one, { color: false })).toContain('smb-signing: smb.requireSigning is off (high)');
  });

  it('knows the guards and kinds that a plan knows', () => {
    const defs = (name: 'plan' | 'explain'): Record<string, unknown> =>
      (validator(name).schema as { $defs: Record<string, unknown> }).$defs;
    for (const shared of ['guard', 'changeKind', 'policyKind', 'subject', 'source', 'value']) {
      expect(defs('explain')[shared], shared).toEqual(defs('plan')[shared]);
    }
  });

  it('is what a person found right', () => {
    expectGolden('explain-drifted.json', explainJson(explained()));
  });
});

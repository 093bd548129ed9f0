import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftHtml } from '../../src/render/drift-html.ts';
import { driftJson } from '../../src/render/drift-json.ts';
import { driftMarkdown } from '../../src/render/drift-markdown.ts';
import { driftText } from '../../src/render/drift-text.ts';
import { cellWidth } from '../../src/render/width.ts';
import { expectGolden } from '../golden.ts';
import { contractor } from '../reconcile/world.ts';
import { hostileNames } from './hostile.ts';
import { drift, ledger, longLedger } from './ledger.ts';
import { validator } from './schema.ts';

const brief = { color: false, devices: false };

describe('the ledger as text', () => {
  it('tells device by device what was found, its state, cause, actor and time', () => {
    expectGolden('drift.txt', driftText(ledger, brief));
  });

  it('tells by policy and kind, with devices counted, where it is long', () => {
    const text = driftText(longLedger, brief);
    expectGolden('drift-long.txt', text);
    expect(text.split('\n').length).toBeLessThan(30);
    expect(driftText(longLedger, { ...brief, devices: true }).split('\n').length).toBeGreaterThan(4000);
  });

  it('counts open ones in its last line, and does not call an empty ledger clean', () => {
    expect(driftText(ledger, brief).trimEnd().split('\n').at(-1)).toBe(
      'Drift: 2 open, 1 contested, 1 pending, 1 accepted, 1 resolved, on 4 devices.',
    );
    expect(driftText([], brief)).toBe('No drift is on record.\n');
  });

  it.each([60, 80, 100])('has no line wider than %d cells', (columns) => {
    for (const records of [ledger, longLedger]) {
      for (const line of driftText(records, { ...brief, columns }).split('\n')) {
        if (!line.startsWith('Drift: ')) expect(cellWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('the ledger as JSON', () => {
  const validate = validator('drift');

  it('is what drift.schema.json says, open ones first', () => {
    const text = driftJson(ledger);
    validate(JSON.parse(text));
    expect(validate.errors).toBeNull();
    expectGolden('drift.json', text);
  });

  it('is the same bytes in whatever order the records come', () => {
    expect(driftJson(ledger.toReversed())).toBe(driftJson(ledger));
    expect(driftText(ledger.toReversed(), brief)).toBe(driftText(ledger, brief));
    expect(driftMarkdown(ledger.toReversed())).toBe(driftMarkdown(ledger));
  });

  it('of none is an empty list', () => {
    expect(JSON.parse(driftJson([]))).toEqual({ drift: [] });
  });
});

describe('the ledger as markdown', () => {
  it('shows what is open, and folds what is over', () => {
    const text = driftMarkdown(ledger);
    expectGolden('drift.md', text);
    expect(text.split('<details>')[0]).not.toContain('resolved |');
  });

  it('fits a comment however long it is', () => {
    const text = driftMarkdown(longLedger);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/[\d,]+ records not shown here: `trueup drift --devices` shows them all\./);
  });
});

describe('a check of a baseline that fails', () => {
  const failing = ['1', '2', '3'].map((id) =>
    drift(`c${id}`, `WS-${id}`, {
      policy: 'workstations',
      kind: 'compliance.check',
      subject: { baseline: 'workstations', check: 'smb-signing' },
      cause: 'unknown',
      check: { path: 'smb.requireSigning', found: false, severity: 'high' },
    }),
  );

  it('is told with what was found on the device and how bad that is', () => {
    const wide = { ...brief, columns: 120 };
    const text = driftText(failing.slice(0, 1), wide);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      '~ smb-signing: smb.requireSigning is off (high) open cause unknown',
    );
    const named = failing.map((one) => ({ ...one, subject: { ...one.subject, check: 'smb.requireSigning' } }));
    expect(driftText(named, wide).replaceAll(/\s+/g, ' ')).toContain('WS-2 ~ smb.requireSigning is off (high) open');
    expect(driftMarkdown(failing)).toContain('`smb-signing`: `smb.requireSigning` is `off` (high)');
    expect(driftHtml(failing)).toContain(
      '<bdi>smb-signing</bdi>: <bdi>smb.requireSigning</bdi> is <bdi>off</bdi> (high)',
    );
  });

  it('shares a line with the same check of other devices, and with no other check, where the ledger is long', () => {
    const other = drift('c4', 'WS-4', { ...failing[0], id: 'c4', subject: { baseline: 'workstations', check: 'tpm' } });
    const lines = driftText([...longLedger, ...failing, other], brief).split('\n');
    const counted = lines.flatMap((line, index) => (line.includes('check ') ? [`${line}${lines[index + 1]}`] : []));
    expect(counted).toEqual([
      expect.stringMatching(/^ {2}~ check smb-signing fails +3 devices/),
      expect.stringMatching(/^ {2}~ check tpm fails +1 device /),
    ]);
  });

  it('is what drift.schema.json says', () => {
    const validate = validator('drift');
    const parsed = JSON.parse(driftJson(failing)) as { drift: unknown[] };
    validate(parsed);
    expect(validate.errors).toBeNull();
    expect(parsed.drift[0]).toMatchObject({
      kind: 'compliance.check',
      subject: { baseline: 'workstations', check: 'smb-signing' },
      check: { path: 'smb.requireSigning', found: false, severity: 'high' },
    });
  });
});

it('hostile names never leave their place', () => {
  const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...hostileNames));
  fc.assert(
    fc.property(anything, anything, anything, (device, name, actor) => {
      const records = [
        drift('a', 'SRV-1', { device, actor, subject: { group: 'S-1-5-32-544', member: contractor, name } }),
        drift('b', 'SRV-1', { device, policy: name, kind: 'account.delete', subject: { account: name } }),
      ];
      const text = driftText(records, brief);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(driftJson(records))).toMatchObject({ drift: [{ policy: expect.any(String) }, {}] });
      for (const line of driftMarkdown(records).split('\n')) {
        if (line.startsWith('| ')) expect(line.split('|')).toHaveLength(8);
      }
    }),
  );
});

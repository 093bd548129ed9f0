import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endpointErrorCodes,
  isEndpointErrorCode,
  meaningOf,
  nativeText,
  parseNative,
} from '../../src/endpoint/errors.ts';
import { decodeReports, encodeReport, type Report } from '../../src/endpoint/report.ts';

const meta = {
  script: '1.0.0',
  computer: 'SRV-1',
  sid: 'S-1-5-21-1-2-3',
  domain: 'corp.example',
  action: 'LocalGroup.AddMember',
  ms: 41,
};

function report(n: number, of: number, fields: Partial<Report> = {}): Report {
  return { n, of, meta, status: 'ok', changed: true, data: null, error: null, ...fields };
}

const reports: fc.Arbitrary<Report> = fc.record({
  n: fc.constant(1),
  of: fc.constant(1),
  meta: fc.option(
    fc.record({
      script: fc.constantFrom('1.0.0', null),
      computer: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      sid: fc.constant('S-1-5-21-1-2-3'),
      domain: fc.constantFrom('corp.example', null),
      action: fc.constantFrom('LocalUser.Get', null),
      ms: fc.option(fc.nat(), { nil: null }),
    }),
    { nil: null },
  ),
  status: fc.constantFrom('ok', 'failed', 'refused', 'skipped'),
  changed: fc.boolean(),
  data: fc.option(
    fc
      .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }))
      .map((data) => JSON.parse(JSON.stringify({ ...data }))),
    { nil: null },
  ),
  error: fc.option(
    fc.record({
      code: fc.constantFrom(...endpointErrorCodes),
      message: fc.string({ unit: 'grapheme' }),
      native: fc.constantFrom('0x8007055B', null),
    }),
    { nil: null },
  ),
});

describe('a report', () => {
  it('has fixed keys and no word that says nothing', () => {
    const failed = report(2, 3, {
      status: 'failed',
      changed: false,
      error: { code: 'special-account', message: 'Zugriff verweigert: Ä', native: '0x8007055B' },
    });
    expect(encodeReport(failed, 'json')).toBe(
      '{"v":1,"n":2,"of":3,"meta":{"script":"1.0.0","computer":"SRV-1","sid":"S-1-5-21-1-2-3","domain":"corp.example",' +
        '"action":"LocalGroup.AddMember","ms":41},"status":"failed","changed":false,' +
        '"error":{"code":"special-account","message":"Zugriff verweigert: \\u00c4","native":"0x8007055B"}}',
    );
  });

  it('#146 comes back as it was, from Base64 and from JSON', () => {
    fc.assert(
      fc.property(reports, fc.constantFrom('base64', 'json'), (original, form) => {
        const line = encodeReport(original, form);
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(decodeReports([line])).toEqual({
          reports: [original],
          expected: 1,
          cut: false,
          conflicting: [],
          ignored: 0,
        });
      }),
    );
  });

  it('#147 is read without meta', () => {
    expect(decodeReports(['{"v":1,"n":1,"of":1,"status":"ok","changed":false}']).reports[0]?.meta).toBeNull();
  });
});

describe('the output of an action', () => {
  const lines = [1, 2, 3].map((n) => encodeReport(report(n, 3), n === 2 ? 'json' : 'base64'));

  it('is read among the words of the Tanium client, numbered, and in any order', () => {
    const log = [
      '2026-03-02 09:14:07 +0000|cmd.exe /d /c powershell.exe …',
      lines[2] ?? '',
      '',
      '{"level":"info"}',
      lines[0] ?? '',
      'eyJ2Ijoibm90IG91cnMifQ==',
      lines[1] ?? '',
      'Completed.',
    ].map((line, index) => `${String(index + 1).padStart(3, '0')}|${line}`);
    const decoded = decodeReports(log);
    expect(decoded.reports).toEqual([report(1, 3), report(2, 3), report(3, 3)]);
    expect(decoded).toMatchObject({ expected: 3, cut: false, ignored: 5 });
  });

  it('that came twice counts once', () => {
    expect(decodeReports([...lines, ...lines])).toMatchObject({ reports: { length: 3 }, cut: false, conflicting: [] });
  });

  it('that says two things of one command is believed in neither', () => {
    const other = encodeReport(report(2, 3, { status: 'failed' }), 'base64');
    const decoded = decodeReports([...lines, other]);
    expect(decoded.reports.map(({ n }) => n)).toEqual([1, 3]);
    expect(decoded).toMatchObject({ cut: true, conflicting: [2] });
  });

  it('#17 that was cut says so, wherever it was cut', () => {
    expect(decodeReports([])).toMatchObject({ reports: [], expected: null, cut: true });
    expect(decodeReports(lines.slice(0, 2))).toMatchObject({ expected: 3, cut: true, reports: { length: 2 } });
    const last = (lines[2] ?? '').replace(/=+$/, '');
    for (let length = 0; length < last.length; length += 1) {
      const decoded = decodeReports([...lines.slice(0, 2), last.slice(0, length)]);
      expect(decoded).toMatchObject({ expected: 3, cut: true, reports: { length: 2 } });
    }
    expect(decodeReports([lines[0] ?? '', '101|Max number of lines reached in Action Log Sensor']).cut).toBe(true);
  });

  it('that the console wrapped is joined again', () => {
    const plain = encodeReport(
      report(1, 1, {
        meta: null,
        status: 'failed',
        error: { code: 'constrained-language', message: 'a b '.repeat(60), native: null },
      }),
      'json',
    );
    const wrapped = plain.match(/.{1,80}/g) ?? [];
    expect(wrapped.length).toBeGreaterThan(2);
    expect(decodeReports(['noise', ...wrapped, 'noise'])).toMatchObject({
      reports: [{ status: 'failed', error: { code: 'constrained-language', message: 'a b '.repeat(60) } }],
      ignored: 2,
    });
  });

  it.each([
    '{"v":2,"n":1,"of":1,"status":"ok","changed":true}',
    '{"v":1,"n":0,"of":1,"status":"ok","changed":true}',
    '{"v":1,"n":2,"of":1,"status":"ok","changed":true}',
    '{"v":1,"n":1,"of":1e9,"status":"ok","changed":true}',
    '{"v":1,"n":1,"of":1,"status":"fine","changed":true}',
    '{"v":1,"n":1,"of":1,"status":"ok","changed":"yes"}',
    '{"v":1,"n":1,"of":1,"status":"ok","changed":true,"data":[]}',
    '{"v":1,"n":1,"of":1,"status":"ok","changed":true,"meta":{"computer":"X","sid":"S-1-5-21"}}',
    '{"v":1,"n":1,"of":1,"status":"ok","changed":true,"meta":{"sid":"S-1-5-21-1-2-3"}}',
    '{"v":1,"n":1,"of":1,"status":"failed","changed":false,"error":{"code":1,"message":"x"}}',
    '{"v":1,"n":1,"of":1,"status":"failed","changed":false,"error":{"code":"exists","native":"1371"}}',
  ])('holds no report where a field is not what it must be: %s', (line) => {
    expect(decodeReports([line])).toMatchObject({ reports: [], cut: true, ignored: 1 });
  });

  it('with an error code of another version is an unexpected error', () => {
    const line = '{"v":1,"n":1,"of":1,"status":"failed","changed":false,"error":{"code":"new-code","message":"m"}}';
    expect(decodeReports([line]).reports[0]?.error).toEqual({ code: 'unexpected', message: 'm', native: null });
  });

  it('never makes the decoder throw, nor wait', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64')),
      fc.tuple(fc.nat(200), fc.string({ maxLength: 5 })).map(([at, insert]) => {
        const line = lines[0] ?? '';
        return line.slice(0, at) + insert + line.slice(at + insert.length);
      }),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 10 }), (log) => {
        const decoded = decodeReports(log);
        expect(decoded.reports.length).toBeLessThanOrEqual(log.length);
      }),
    );
    expect(decodeReports([`${'\r'.repeat(1_000_000)}x`, ' '.repeat(1_000_000)])).toMatchObject({
      reports: [],
      ignored: 2,
    });
    const endless = Array.from({ length: 5000 }, () => `eyJ2Ij${'A'.repeat(1000)}`);
    expect(decodeReports(endless)).toMatchObject({ reports: [], ignored: 5000 });
    const joined = ['{"v":1', ...Array.from({ length: 5000 }, () => `${'['.repeat(1000)}}`)];
    expect(decodeReports(joined)).toMatchObject({ reports: [], ignored: 5001 });
  });
});

describe('a code of Windows', () => {
  it('means the same in each of its dresses', () => {
    expect(meaningOf(1371)).toBe('special-account');
    expect(meaningOf(parseNative(nativeText(1371)) ?? 0)).toBe('special-account');
    expect(nativeText(2245)).toBe('0x800708C5');
    expect(meaningOf(0x800708c5)).toBe('password-policy');
    expect(meaningOf(0xc000a08b)).toBe('laps-owned');
    expect(meaningOf(1378)).toBe('unchanged');
    expect(meaningOf(1377)).toBe('unchanged');
    expect(meaningOf(4242)).toBe('unexpected');
    expect(parseNative('1371')).toBeNull();
  });

  it('has a name of the closed list', () => {
    expect(isEndpointErrorCode('laps-owned')).toBe(true);
    expect(isEndpointErrorCode('LAPS')).toBe(false);
    expect(isEndpointErrorCode(null)).toBe(false);
  });
});

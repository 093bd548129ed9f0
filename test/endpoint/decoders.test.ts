/** Whatever a device, a console or somebody in between makes of a text: every decoder answers, or throws its own error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPublicKey } from '../../src/endpoint/envelope.ts';
import { inventoryText, parseInventory } from '../../src/endpoint/inventory.ts';
import { CommandRefused, decodeParameter, parseCommands } from '../../src/endpoint/parse.ts';
import { parsePosture } from '../../src/endpoint/posture.ts';
import { decodeReports, encodeReport, type Report } from '../../src/endpoint/report.ts';

const meta = { script: '1.0.0', computer: 'SRV-1', sid: 'S-1-5-21-1-2-3', domain: null, action: null, ms: 1 };
const report: Report = { n: 1, of: 1, meta, status: 'ok', changed: true, data: {}, error: null };
const reportJson = encodeReport(report, 'json');
const inventoryJson =
  '{"v":1,"os":{"build":"10.0.26100","kind":"server"},"ps":"5.1","lang":"constrained","bits":64,"la":true,' +
  '"users":[{"rid":1001,"n":"the local operator","fn":"O P","d":"d","f":["nx"],"on":true,"lock":false,"exp":null,"set":null}],' +
  '"groups":[{"sid":"S-1-5-32-544","m":[{"s":"S-1-5-21-1-2-3-512","k":"g","n":"CORP\\\\Domain Admins"},{"s":"~-1001","k":"u"}]}],' +
  '"laps":{"mode":"none","rid":null},"rot":[]}';
const postureJson = '{"v":1,"kind":"server","smb":{"requireSigning":true}}';
const commandText = ".\\secureone_management.ps1 -Target LocalUser -Action Get -UserRID '500'";

/** Values that code which trusts an object stumbles over. */
const treacherous: readonly string[] = [
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"v":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"length":1e308}',
  '{"toJSON":1}',
  '{"then":1}',
  '1e999',
  '-0',
  '123456789012345678901234567890',
  '"\\ud800"',
  '"\\u0000"',
  '"\udfff"',
  '[]',
  '{}',
  'null',
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
];

const good = [reportJson, inventoryJson, postureJson] as const;

/** A good text with one of its values changed for a treacherous one. */
const betrayed = fc
  .tuple(fc.constantFrom(...good), fc.nat(), fc.constantFrom(...treacherous))
  .map(([text, at, value]) => {
    const places = [...text.matchAll(/(?<=":)(?:"[^"]*"|\d+|true|false|null|\[|\{)/g)];
    const place = places[at % places.length];
    if (place === undefined) return text;
    const rest = text.slice(place.index + place[0].length);
    return `${text.slice(0, place.index)}${value}${'[{'.includes(place[0]) ? ',"x":' : ''}${rest}`;
  });

/** One of its values whole in the place of another one, so that it still is JSON. */
const replaced = fc
  .tuple(fc.constantFrom(...good), fc.nat(), fc.constantFrom(...treacherous))
  .map(([text, at, value]) => {
    const json = JSON.parse(text) as Record<string, unknown>;
    const keys = Object.keys(json);
    const key = keys[at % keys.length] ?? 'v';
    return text.replace(`"${key}":${JSON.stringify(json[key])}`, () => `"${key}":${value}`);
  });

const versioned = fc
  .tuple(fc.constantFrom(...good), fc.constantFrom(...treacherous))
  .map(([text, value]) => text.replace('"v":1', () => `"v":${value}`));

const mangled = fc
  .tuple(fc.constantFrom(...good, commandText), fc.nat(400), fc.nat(20), fc.string({ unit: 'binary', maxLength: 8 }))
  .map(([text, at, drop, insert]) => text.slice(0, at) + insert + text.slice(at + drop));

const soup = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const surrogates = fc.string({ unit: fc.constantFrom('\ud800', '\udfff', '{', '"', 'v', ':', '1', '}', '\n') });

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  soup,
  surrogates,
  fc.json({ maxDepth: 20 }),
  fc.constantFrom(...treacherous),
  betrayed,
  replaced,
  versioned,
  mangled,
);
const hostile = fc.oneof(
  anything,
  anything.map((text) => Buffer.from(text, 'utf8').toString('base64')),
  anything.map((text) => `{"v":1,"error":${text}}`),
  fc.constantFrom(...treacherous).map((value) => `{"v":1,"error":{"code":${value},"message":${value}}}`),
);

describe('no text', { timeout: 120_000 }, () => {
  it('makes the decoder of reports throw, nor believe more reports than there are lines', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), (lines) => {
        const { reports, conflicting, ignored } = decodeReports(lines);
        expect(reports.length + conflicting.length).toBeLessThanOrEqual(lines.length);
        expect(ignored).toBeLessThanOrEqual(lines.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('makes the decoder of an inventory throw', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(parseInventory(text).text).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });

  it('makes the decoder of a posture throw', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(parsePosture(text).text).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });

  it('makes the decoder of commands throw anything but a refusal', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const decode of [decodeParameter, parseCommands]) {
          try {
            decode(text);
          } catch (error) {
            expect(error).toBeInstanceOf(CommandRefused);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('makes the decoder of a public key throw', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.tuple(hostile, hostile).map(String)), (text) => {
        expect(readPublicKey(text)).toBeNull();
      }),
    );
  });
});

describe('a text that was wrapped', () => {
  const widths = fc.integer({ min: 20, max: 200 });
  const wrap = (text: string, width: number): string[] => text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];

  it('is one again: an inventory, of whatever width, with or without the blanks at the ends of its lines', () => {
    const whole = parseInventory(inventoryJson);
    expect(whole.kind).toBe('inventory');
    fc.assert(
      fc.property(widths, fc.boolean(), fc.constantFrom('\n', '\r\n'), (width, trimmed, lineEnd) => {
        const lines = wrap(inventoryJson, width);
        const text = lines.map((line) => (trimmed ? line.trimEnd() : line)).join(lineEnd);
        const parsed = parseInventory(text);
        // Where every line of the full width ended in a blank, the width cannot be told.
        fc.pre(lines.slice(0, -1).some((line) => !trimmed || line.trimEnd() === line));
        expect(parsed).toEqual({ ...whole, text });
        if (parsed.kind === 'inventory') expect(inventoryText(parsed.inventory)).toBe(inventoryJson);
      }),
    );
  });

  it('is one again: a posture', () => {
    const text = wrap(postureJson, 20).join('\n');
    expect(parsePosture(text)).toEqual({ ...parsePosture(postureJson), text });
  });

  it('is one again: several reports in one log, with the client’s words between them', () => {
    fc.assert(
      fc.property(widths, fc.constantFrom('json', 'base64'), fc.boolean(), (width, form, numbered) => {
        const both = [1, 2].map((n) => ({ ...report, n, of: 2, data: { text: 'a b  c '.repeat(30) } }));
        const lines = both.flatMap((one) => [...wrap(encodeReport(one, form), width), 'Tanium: a line of its own']);
        const log = numbered ? lines.map((line, at) => `${String(at + 1).padStart(3, '0')}|${line}`) : lines;
        expect(decodeReports(log)).toEqual({ reports: both, expected: 2, cut: false, conflicting: [], ignored: 2 });
      }),
    );
  });
});

describe('a text of one long line and many short ones', () => {
  it('is answered at once, by every decoder: no console wraps so', () => {
    const before = process.cpuUsage();
    for (const length of [20_000, 200_000, 3_000_000]) {
      const long = `{"v":1${'x'.repeat(length)}`;
      const text = `${long}${'\n'.repeat(length)}x`;
      expect(parseInventory(text).kind).toBe('malformed');
      expect(parsePosture(text).kind).toBe('malformed');
      const log = [long, ...Array.from({ length: 999 }, () => '')];
      expect(decodeReports(log)).toMatchObject({ reports: [], ignored: 1000 });
    }
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

describe('a sensor that failed', () => {
  const line = '{"v":1,"error":{"code":"timeout","message":"no answer within 30 seconds"}}';

  it('has no state to tell of, and says why', () => {
    const told = { text: line, kind: 'no-answer', message: 'timeout: no answer within 30 seconds' };
    expect(parseInventory(line)).toEqual(told);
    expect(parsePosture(line)).toEqual(told);
  });
});

describe('a report among others', () => {
  it('stands for one command only: another one of the same number contests it, the same one does not', () => {
    const deep = `${reportJson.slice(0, -1)},"data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`.replace(
      '"data":{},',
      '',
    );
    expect(decodeReports([deep, deep])).toMatchObject({ reports: [{ n: 1 }], conflicting: [] });
    expect(decodeReports([deep, reportJson, deep])).toMatchObject({ reports: [], conflicting: [1], cut: true });
  });

  it('is not believed with a byte that is not UTF-8, nor with one that is not Base64', () => {
    const bytes = Buffer.from(reportJson.replace('SRV-1', 'SRV-?'), 'latin1');
    bytes[bytes.indexOf('?')] = 0xe4;
    expect(decodeReports([bytes.toString('base64')]).reports).toEqual([]);
    const line = encodeReport(report, 'base64');
    expect(decodeReports([line]).reports).toEqual([report]);
    for (const char of [' ', '*', '\u00e4', '=']) {
      expect(decodeReports([`${line.slice(0, 40)}${char}${line.slice(41)}`]).reports).toEqual([]);
    }
  });
});

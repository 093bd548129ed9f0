/** Names are data, whatever is in them: on a terminal, in JSON, in a comment, in a page, in a spreadsheet, in a log. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLogs } from '../../src/log.ts';
import { parseCsv } from '../render/csv.ts';
import { hostileNames, namesByTrick, unprintable } from './names.ts';
import { type Form, type Output, outputs } from './outputs.ts';

/** Names of the ordinary kind, to learn of what an output is made. */
const ordinary = ['SRV-1.corp.example', 'ÄÖ 名前', '', 'S-1-5-32-544', 'PC-1#1234'];

/** Throws where the text is not what its form says, or where the name is more than a text in it. */
const checks: Readonly<Record<Form, (text: string, name: string, known: ReadonlySet<string>) => void>> = {
  text: (text) => {
    expect(text.endsWith('\n')).toBe(true);
    expectPrintable(text.replaceAll('\n', ''));
  },
  json: (text, name) => {
    expectPrintable(text.replaceAll('\n', ''));
    expect(stringsIn(JSON.parse(text)).some((one) => one.includes(name.trim()))).toBe(true);
  },
  markdown: (text, _name, known) => {
    expectPrintable(text.replaceAll('\n', ''));
    const words = text.replaceAll(/`[^`\n]*`/g, '').replaceAll(/<\/?(?:details|summary)>/g, '');
    expect(words).not.toMatch(/[<>@`[\]]|https?:|www\./);
    const bars = words
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => `${line.split('|').length}`);
    for (const count of bars) expect(known).toContain(count);
  },
  html: (text, _name, known) => {
    expectPrintable(text.replaceAll('\n', ''));
    for (const tag of tagsIn(text)) expect(known).toContain(tag);
  },
  csv: (text) => {
    expectPrintable(text.replaceAll('\r\n', ''));
    const [keys = [], ...rows] = parseCsv(text);
    for (const row of rows) {
      expect(row).toHaveLength(keys.length);
      for (const cell of row) if (!/^-?\d+$/.test(cell)) expect(cell).not.toMatch(/^[\s"]*[=+\-@＝＋－＠]/);
    }
  },
};

function expectPrintable(text: string): void {
  expect(text.isWellFormed()).toBe(true);
  expect(unprintable.exec(text)).toBeNull();
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...stringsIn(part)]);
}

/** Tags with the names of their attributes; script and style are the page's own. */
function tagsIn(html: string): string[] {
  const body = html.replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, '');
  return (body.match(/<[^>]*>?/g) ?? []).map((tag) => tag.replaceAll(/="[^"]*"/g, '=""'));
}

/** Of what an output of this form is made. */
async function madeOf({ form, of }: Output): Promise<ReadonlySet<string>> {
  const parts = new Set<string>();
  for (const name of ordinary) {
    const text = await of(name);
    if (form === 'html') for (const tag of tagsIn(text)) parts.add(tag);
    if (form !== 'markdown') continue;
    for (const line of text.replaceAll(/`[^`\n]*`/g, '').split('\n')) {
      if (line.startsWith('| ')) parts.add(`${line.split('|').length}`);
    }
  }
  return parts;
}

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(fc.constantFrom(...hostileNames.map((name) => name.slice(0, 40))), { maxLength: 3 })
    .map((all) => all.join('')),
);

describe.each(outputs)('$what as $form', (output) => {
  it('shows every name of the corpus as a name', async () => {
    const known = await madeOf(output);
    for (const [trick, name] of Object.entries(namesByTrick)) {
      const text = await output.of(name);
      expect(() => checks[output.form](text, name, known), trick).not.toThrow();
    }
  });

  it('shows any name as a name', async () => {
    const known = await madeOf(output);
    await fc.assert(
      fc.asyncProperty(anyName, async (name) => {
        checks[output.form](await output.of(name), name, known);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a log', () => {
  it('has a line for each record, which no terminal acts on, and every name as it is', () => {
    const directory = mkdtempSync(join(tmpdir(), 'trueup-names-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const logs = openLogs(directory);
    for (const name of hostileNames)
      logs.bulk.warn({ device: name, more: { [name]: [name] } }, `bulk_scan error: ${name}`);
    logs.close();
    const lines = readFileSync(join(directory, 'bulk_scan.log'), 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(hostileNames.length);
    for (const [index, line] of lines.entries()) {
      const name = hostileNames[index] ?? '';
      expectPrintable(line);
      expect(line).toMatch(/bulk_scan.*error/);
      const { device, more, msg } = JSON.parse(line) as { device: string; more: Record<string, string[]>; msg: string };
      expect([device, msg]).toEqual([name, `bulk_scan error: ${name}`]);
      // The copy that secrets are taken out of cannot have a key of that name.
      if (name !== '__proto__') expect(more).toEqual({ [name]: [name] });
    }
  });
});

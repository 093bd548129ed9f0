/** `docs/endpoint-scripts.md` says of codes, actions and numbers what the program does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsOfWords } from '../../src/commands/command-words.ts';
import { actionNames, changesDevice } from '../../src/endpoint/command.ts';
import { endpointErrorCodes, meaningOf, nativeText } from '../../src/endpoint/errors.ts';
import { encodeParameters } from '../../src/endpoint/parameters.ts';
import { decodeReports } from '../../src/endpoint/report.ts';
import { root } from '../house/modules.ts';

const page = readFileSync(join(root, 'docs/endpoint-scripts.md'), 'utf8');

/** Cells of the rows of the first table below a heading, without their back-ticks. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [rows = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  return rows
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.replaceAll('`', '')),
    );
}

/** Every number that the program knows the meaning of: Win32 and NERR codes, then those of the kernel. */
function knownNumbers(): readonly number[] {
  const known: number[] = [];
  for (const start of [0, 0xc000_0000]) {
    for (let number = start; number <= start + 0xffff; number += 1) {
      if (meaningOf(number) !== 'unexpected') known.push(number);
    }
  }
  return known;
}

describe('the page of the endpoint scripts', () => {
  it('explains each error code, with its cause and what to do', () => {
    const rows = tableBelow('Error codes');
    expect(rows.map(([code]) => code)).toEqual(endpointErrorCodes);
    for (const row of rows) {
      expect(row, row[0]).toHaveLength(4);
      for (const cell of row.slice(1)) expect(cell, row[0]).toMatch(/^\S.{15,}\.$/);
    }
  });

  it('lists the numbers of Windows that mean something, and no other', () => {
    const rows = tableBelow("Windows' own codes");
    expect(rows.map(([number]) => Number(number))).toEqual(knownNumbers());
    for (const [number, native, name, meaning] of rows) {
      const value = Number(number);
      expect(native).toBe(value > 0xffff ? `0x${value.toString(16).toUpperCase()}` : nativeText(value));
      expect(name).not.toBe('');
      expect(meaning, number).toBe(meaningOf(value) === 'unchanged' ? 'success, unchanged' : meaningOf(value));
    }
  });

  it('lists the actions, each for what it does', () => {
    const [, section = ''] = page.split('\n**Package.**');
    const rows = [...section.matchAll(/^\| `(General|LocalGroup|LocalUser)` \| (.*) \| (.*) \|$/gm)];
    const listed = rows.flatMap(([, target = '', reads = '', changes = '']) =>
      [reads, changes].flatMap((cell, at) =>
        [...cell.matchAll(/`(\w+)`/g)].map(([, verb]) => ({ action: `${target}.${verb}`, changes: at === 1 })),
      ),
    );
    const known = actionNames.map((action) => ({ action, changes: changesDevice(action) }));
    expect(listed.toSorted(byAction)).toEqual(known.toSorted(byAction));
  });

  it('shows a command as `trueup encode` writes it, and runs that one by hand', () => {
    const [, words = '', value = ''] = /^\$ trueup encode -- (.*)\n(\S+)\n```/m.exec(page) ?? [];
    expect(encodeParameters(commandsOfWords(words.split(' '))).map((parameter) => parameter.value)).toEqual([value]);
    expect(page).toContain(`-File expand_params.ps1 ${value}\n`);
  });

  it('shows a report that is one', () => {
    const [, line = ''] = /^```json\n(.*)\n```/m.exec(page) ?? [];
    const whole = line.replace('S-1-5-21-…', 'S-1-5-21-1-2-3');
    expect(decodeReports([whole])).toMatchObject({ expected: 2, ignored: 0, reports: [{ status: 'failed' }] });
  });
});

function byAction(one: { readonly action: string }, other: { readonly action: string }): number {
  return one.action < other.action ? -1 : 1;
}

describe('the numbers of the management script', () => {
  it('mean what they mean to the program', () => {
    const script = readFileSync(join(root, 'powershell/secureone_management.ps1'), 'utf8');
    const [, table = ''] = /^\$Meanings = @\{\n((?:.*=.*\n)+)\}/m.exec(script) ?? [];
    const known = [...table.matchAll(/'([a-z-]+)' = ([\d, ]+)/g)].flatMap(([, code, numbers = '']) =>
      numbers.split(',').map((number) => [Number(number), code] as const),
    );
    const win32 = knownNumbers().filter((number) => number <= 0xffff);
    expect(new Map(known.toSorted(([a], [b]) => a - b))).toEqual(
      new Map(win32.map((number) => [number, meaningOf(number)])),
    );
  });
});

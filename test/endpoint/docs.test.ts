/** `docs/endpoint-scripts.md` says of codes, actions and numbers what the program does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsOfWords } from '../../src/commands/command-words.ts';
import {
  type ActionName,
  actionNames,
  type CommandParameters,
  changesDevice,
  complaintAbout,
  parameterNames,
  propertiesOf,
} from '../../src/endpoint/command.ts';
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

const output: readonly string[] = ['SimpleResult', 'NoMeta'];

function wordsIn(text: string): readonly string[] {
  return [...text.matchAll(/\b[A-Z]\w+/g)].map(([word]) => word);
}

/** As the script has it, of a word of `trueup encode`. */
function spelled(word: string): string {
  return word.replace('PropertyValue', 'PropertyValues').replace(/(?:Name|Values)$/, '$&B64');
}

/** Something of the right shape for each. */
function valuesOf(action: ActionName, names: readonly string[]): CommandParameters {
  const [property = ''] = propertiesOf(action);
  const value = (name: string): string | true => {
    if (output.includes(name)) return true;
    if (name.endsWith('SID')) return 'S-1-5-32-545';
    if (name === 'PropertyKey') return property;
    return name === 'UserRID' || name === 'RotationId' ? '1001' : 'b3Bz';
  };
  return Object.fromEntries(names.map((name) => [name, value(name)]));
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

  it('lists what each action takes, and what it cannot do without', () => {
    const rows = tableBelow('What an action takes');
    const listed = new Map(
      rows.flatMap(([actions = '', needs = '', mayHave = '']) =>
        actions
          .split(', ')
          .map((action) => [action, { needs: needs.split(/; /), takes: wordsIn(`${needs} ${mayHave}`) }]),
      ),
    );
    expect([...listed.keys()].filter((verb) => !actionNames.some((name) => name.endsWith(`.${verb}`)))).toEqual([]);
    for (const action of actionNames) {
      const [target = '', verb = ''] = action.split('.');
      const row = listed.get(verb) ?? { needs: [''], takes: [] };
      const given = row.takes.map(spelled);
      const complaint = (names: readonly string[]): string | null =>
        complaintAbout({ target, action: verb, parameters: valuesOf(action, names) });
      expect(complaint(given), action).toBeNull();
      for (const name of parameterNames.filter((one) => !given.includes(one) && !output.includes(one))) {
        expect(complaint([...given, name])).toBe(`${action} takes no -${name}`);
      }
      const needs = row.needs.map((cell) => wordsIn(cell).map(spelled)).filter((names) => names.length > 0);
      expect(complaint(needs.map(([name = '']) => name)), action).toBeNull();
      for (const need of needs) {
        const left = given.filter((name) => !need.includes(name));
        expect(complaint(left)).toBe(`${action} needs ${need.map((name) => `-${name}`).join(' or ')}`);
      }
    }
    const [, section = ''] = page.split('\n## What an action takes\n');
    const named = wordsIn(section.split('\n## ')[0] ?? '');
    expect(named).toEqual(expect.arrayContaining(actionNames.flatMap(propertiesOf)));
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
    const script = readFileSync(join(root, 'powershell/source/secureone_management.ps1'), 'utf8');
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

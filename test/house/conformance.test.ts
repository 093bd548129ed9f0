import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { citationsBelow, citationsOf, conformanceTable, itemsOf } from '../../tools/conformance.ts';
import { root } from './modules.ts';

/** Items that this release ends, whole; each needs a test. */
const ended = [
  1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 13, 24, 25, 26, 27, 28, 29, 30, 32, 33, 34, 35, 36, 87, 116, 144, 145, 146, 147, 148,
  149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 185, 186,
  187, 188, 189, 190, 198, 199,
];

const items = itemsOf(readFileSync(join(root, 'tools/checklist.tsv'), 'utf8'));
const citations = citationsBelow(root);

describe('the checklist', () => {
  it('has each number once, in order, with its line of the document and what it asks', () => {
    expect(items.map((item) => item.number)).toEqual(Array.from({ length: 199 }, (_, index) => index + 1));
    for (const { kind, line, text } of items) {
      expect(kind).toMatch(/^[A-Z]{2}$/);
      expect(line).toMatch(/^L\d+$/);
      expect(text).toMatch(/^\S.*\.$/);
    }
  });

  it.each(ended)('has a test for item %i', (number) => {
    expect(citations.filter((citation) => citation.items.includes(number))).not.toEqual([]);
  });

  it('has every number that a test cites', () => {
    const known = new Set(items.map((item) => item.number));
    const unknown = citations.filter((citation) => !citation.items.every((number) => known.has(number)));
    expect(unknown).toEqual([]);
  });
});

describe('docs/conformance.md', () => {
  it('names only tests that exist', () => {
    const table = readFileSync(join(root, 'docs/conformance.md'), 'utf8');
    const links = [...table.matchAll(/\]\(\.\.\/([^)]+)\) (.*?)(?=<br>| \|$)/gm)];
    expect(links.length).toBeGreaterThan(0);
    const made = conformanceTable(root);
    for (const [whole, file = ''] of links) {
      expect(existsSync(join(root, file)), file).toBe(true);
      expect(made).toContain(whole);
    }
  });
});

describe('a citation', () => {
  function cited(source: string): [string, readonly number[]][] {
    return citationsOf('test/a.test.ts', source).map(({ title, items: numbers }) => [title, numbers]);
  }

  it('stands in the title of a test, behind the suites around it', () => {
    expect(
      cited(`describe('a', () => { describe('b', () => { it('#7 c', () => {}); }); it('#8 d', () => {}); });`),
    ).toEqual([
      ['a › b › #7 c', [7]],
      ['a › #8 d', [8]],
    ]);
  });

  it('stands in the title of a suite, for all of its tests', () => {
    expect(cited(`describe('#12 a', () => { it('b', () => {}); });`)).toEqual([['#12 a', [12]]]);
  });

  it('is found past each, for, skipIf, runIf and only', () => {
    expect(cited(`it.each([['#1 (', 2]])('#3 %s', () => {})`)).toEqual([['#3 %s', [3]]]);
    expect(cited(`test.for([1])('#4 %s', () => {})`)).toEqual([['#4 %s', [4]]]);
    expect(cited(`it.skipIf(a === '#1')('#5', () => {})`)).toEqual([['#5', [5]]]);
    expect(cited(`it.only.each([1])('#6', () => {})`)).toEqual([['#6', [6]]]);
  });

  it('may name several items, and a range', () => {
    expect(cited(`it('#3 #1 to #2 a (#9)', () => {})`)).toEqual([['#3 #1 to #2 a (#9)', [1, 2, 3, 9]]]);
  });

  it('is no name of a device, no comment and no other text', () => {
    expect(cited(`it('finds PC#12', () => { f('#13'); /* it('#14') */ });`)).toEqual([]);
  });
});

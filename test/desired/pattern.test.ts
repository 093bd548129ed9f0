import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileSelector } from '../../src/desired/compile-selector.ts';
import type { Selector } from '../../src/desired/generated/documents.ts';
import { covers, globsMeet, mayOverlap, regionOf } from '../../src/desired/overlap.ts';
import { compilePattern, globMatches, patternComplaint } from '../../src/desired/pattern.ts';
import { selects } from '../../src/model/selector.ts';

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 7 });
const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 });

describe('a glob', () => {
  it('matches what the regular expression of it matches', () => {
    fc.assert(
      fc.property(glob, text, (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(globMatches(pattern, value)).toBe(expression.test(value));
      }),
    );
  });

  it('is quick on the worst of values', () => {
    const pattern = compilePattern(`${'*a'.repeat(100)}*b`);
    const started = performance.now();
    expect(pattern.test('a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('ignores case, and knows no other sign', () => {
    expect(compilePattern('SRV-[1].(x)+').test('srv-[1].(X)+')).toBe(true);
    expect(compilePattern('a.c').test('abc')).toBe(false);
  });
});

describe('a regular expression', () => {
  const refused: [string, string][] = [
    ['/(a+)+$/', 'repeats something that repeats'],
    ['/(a|ab)*c/', 'repeats something that repeats or has alternatives'],
    ['/((a?)b?){5}/', 'repeats something'],
    ['/.*.*.*.*x/', 'repeats too much'],
    [`/${'a?'.repeat(30)}${'a'.repeat(30)}/`, 'repeats too much'],
    [`/${'(a|a)'.repeat(28)}b/`, 'repeats too much'],
    ['/(a)\\1/', 'refers back to a group'],
    ['/a(?=b)/', 'looks around'],
    ['/(/', 'no regular expression'],
    ['//', 'an empty regular expression'],
    ['/a/i', 'has flags'],
    [`/${'a'.repeat(201)}/`, 'more than 200 characters'],
  ];
  it.each(refused)('%s is refused', (source, says) => {
    expect(patternComplaint(source)).toContain(says);
  });

  it('that is taken finds its text anywhere, in any case', () => {
    for (const source of ['/^srv-(db|app)-\\d+$/', '/[^a-z]]/', '/SQL/', '/^(?:srv|ws)-.{2,4}\\.corp/']) {
      expect(patternComplaint(source)).toBeNull();
    }
    expect(compilePattern('/sql/').test('SRV-SQL-01')).toBe(true);
    expect(compilePattern('/^sql/').test('SRV-SQL-01')).toBe(false);
  });

  it('that is taken ends soon, whatever the value', () => {
    const sign = fc.constantFrom(
      'a',
      'b',
      '.',
      'a*',
      '.*',
      '.+',
      'a?',
      '(a|b)',
      '(ab)?',
      '[ab]{1,3}',
      '^',
      '$',
      '|',
      '(a*)+',
    );
    const expression = fc.array(sign, { minLength: 1, maxLength: 8 }).map((signs) => `/${signs.join('')}/`);
    const value = fc.constantFrom('a'.repeat(5000), 'ab'.repeat(2500), `${'a'.repeat(4999)}!`);
    fc.assert(
      fc.property(expression, value, (source, long) => {
        if (patternComplaint(source) !== null) return;
        const started = performance.now();
        compilePattern(source).test(long);
        expect(performance.now() - started).toBeLessThan(2000);
      }),
      { numRuns: 300 },
    );
  });
});

describe('two selectors', () => {
  it('meet where a text exists that both globs match', () => {
    const texts = ['', ...['a', 'b'].flatMap((one) => [one, ...['a', 'b'].map((other) => one + other)])];
    fc.assert(
      fc.property(glob, glob, text, (one, other, value) => {
        for (const each of [value, ...texts]) {
          if (globMatches(one, each) && globMatches(other, each)) expect(globsMeet(one, other)).toBe(true);
        }
        expect(globsMeet(one, other)).toBe(globsMeet(other, one));
      }),
      { numRuns: 500 },
    );
  });

  const names = fc.constantFrom('SRV-*', 'SRV-1', 'srv-1.corp', 'WS-*', '*', '/^srv/', '/corp$/', '*.corp', 'SRV-?');
  const units = fc.constantFrom('OU=A,DC=x', 'OU=B,OU=A,DC=x', 'DC=x', '*,OU=B,*');
  const systems = fc.constantFrom('Windows*', 'Windows 11', '*Server*');
  const condition = fc.record(
    { name: names, ou: units, os: systems, labels: fc.record({ site: fc.constantFrom('B*', 'Berlin', 'Paris') }) },
    { requiredKeys: [] },
  );
  const selector: fc.Arbitrary<Selector> = fc
    .tuple(condition, fc.option(condition, { nil: undefined }))
    .map(([own, exclude]) => (exclude === undefined || Object.keys(exclude).length === 0 ? own : { ...own, exclude }));
  const devices = fc.record({
    name: fc.constantFrom('SRV-1', 'SRV-1.corp', 'srv-12.corp', 'WS-1.corp', 'WS-2'),
    domain: fc.constant('corp'),
    ou: fc.constantFrom('CN=1,OU=A,DC=x', 'CN=2,OU=B,OU=A,DC=x', 'CN=3,DC=x', null),
    os: fc.constantFrom('Windows 11', 'Windows Server 2022'),
    labels: fc.constantFrom({}, { site: 'Berlin' }, { site: 'Paris' }),
    taniumGroups: fc.constant([]),
    insertedSecondsAgo: fc.constant(0),
  });

  it('that select one device overlap, and one that covers the other selects whatever it selects', () => {
    fc.assert(
      fc.property(selector, selector, devices, (one, other, device) => {
        const [byOne, byOther] = [compileSelector(one), compileSelector(other)].map((compiled) =>
          selects(compiled, device),
        );
        const [a, b] = [regionOf(one), regionOf(other)];
        if (byOne === true && byOther === true) expect(mayOverlap(a, b)).toBe(true);
        if (covers(a, b) && byOther === true) expect(byOne).toBe(true);
        expect(mayOverlap(a, b)).toBe(mayOverlap(b, a));
      }),
      { numRuns: 3000 },
    );
  });

  const apart: [Selector, Selector][] = [
    [{ name: 'SRV-*' }, { name: 'WS-*' }],
    [{ os: '*2019*Core' }, { os: '*2019*Full' }],
    [{ name: '/^SRV/' }, { name: 'WS-1.corp' }],
    [{ os: ['Windows 10', 'Windows 11'] }, { os: 'Windows Server*' }],
    [{ ou: 'OU=A,DC=x' }, { ou: 'OU=B,DC=x' }],
    [{ labels: { site: 'Berlin' } }, { labels: { site: 'Paris' } }],
    [{ os: '*', exclude: { name: 'LAB-*' } }, { name: 'LAB-1*' }],
  ];
  it.each(apart)('%j and %j are proven apart', (one, other) => {
    expect(mayOverlap(regionOf(one), regionOf(other))).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter, parseQuestion } from '../../src/simulator/language/parse.ts';
import { renderFilter, renderQuestion } from '../../src/simulator/language/render.ts';
import {
  type FilterSyntax,
  operators,
  type QuestionSyntax,
  QuestionSyntaxError,
  type SensorSyntax,
  type TestSyntax,
} from '../../src/simulator/language/syntax.ts';

/** What a loosely worded text means, in canonical words. */
function canonical(text: string): string {
  return renderQuestion(parseQuestion(text));
}

describe('the text of a question', () => {
  it.each([
    'Get Computer Name from all machines',
    'Get Computer ID and Computer Name from all machines with Operating System contains windows',
    'Get number of machines from all machines',
    'Get number of machines from all machines with All Computers',
    'Get?forceComputerIdFlag=1 Computer Name from all machines',
    'Get Tanium Action Log[12]?maxAge=1 and Computer Name?maxAge=600 from all machines',
    'Get Folder Exists[/opt/Tanium/TaniumClient] from all machines',
    'Get Computer Name and Action Statuses matches "^\\d{1,2}:.*" from all machines with Action Statuses matches "^\\d{1,2}:.*"',
    'Get Online from all machines with not ( Computer ID equals 1 or Computer ID equals 2 ) and All Computers',
    'Get Online from all machines with all Installed Applications not contains chrome',
    'Get "Free Space in GB" from all machines with "Free Space in GB" > 5',
    'Get Online from all machines with Tanium Client Version <= "7.4.10.1060"',
  ])('stays as it is where it is canonical: %s', (text) => {
    expect(canonical(text)).toBe(text);
  });

  it.each([
    ['get Computer Name', 'Get Computer Name from all machines'],
    [
      'Get Computer Name from all machines with Operating System containing "Windows"',
      'Get Computer Name from all machines with Operating System contains Windows',
    ],
    ['Get A FROM all machines WITH B is equal to 5', 'Get A from all machines with B equals 5'],
    ['Get A from all machines with B does not contain x y', 'Get A from all machines with B not contains "x y"'],
    ['Get A from all machines with (B = 1 or C != 2)', 'Get A from all machines with B equals 1 or C not equals 2'],
    ['Get A from all machines with B in (1, "x y")', 'Get A from all machines with B equals 1 or B equals "x y"'],
    ['Get A from all machines with any B starting with x', 'Get A from all machines with B starts with x'],
    ['Get A from all machines with B matches x[0-9]+', 'Get A from all machines with B matches "x[0-9]+"'],
    ['Get Cores (Logical) from all machines', 'Get "Cores (Logical)" from all machines'],
    ['Get A from all machines with not not B equals 1', 'Get A from all machines with B equals 1'],
    ['Get A["x, y", z ] from all machines', 'Get A["x, y",z] from all machines'],
  ])('is read as it is meant: %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it('binds and closer than or', () => {
    expect(parseFilter('A equals 1 or B equals 2 and C equals 3')).toEqual(
      parseFilter('A equals 1 or ( B equals 2 and C equals 3 )'),
    );
    expect(parseFilter('( A equals 1 or B equals 2 ) and C equals 3')).not.toEqual(
      parseFilter('A equals 1 or B equals 2 and C equals 3'),
    );
  });

  it.each([
    '',
    'Computer Name from all machines',
    'Get',
    'Get from all machines',
    'Get A and from all machines',
    'Get A from all machines with',
    'Get A from all machines with B equals',
    'Get A from all machines with ( B equals 1',
    'Get A from all machines with B equals 1 )',
    'Get A from all machines with B in 1',
    'Get A from all machines with "B equals 1',
    'Get A from all machines with B[1]',
    'Get A from all machines with B equals "1"?maxAge=5',
    'Get A from some machines',
  ])('is none: %j', (text) => {
    expect(() => parseQuestion(text)).toThrow(QuestionSyntaxError);
  });

  it('is read in time that grows with its length alone', () => {
    const terms = Array.from({ length: 20_000 }, (_, index) => `Computer ID equals ${index}`);
    // Of this process: others may have the cores.
    const before = process.cpuUsage();
    expect(parseFilter(terms.join(' or '))).toMatchObject({ kind: 'or' });
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    'all',
    'not',
    'Is Virtual',
    'a and b',
    'x with y',
    '(',
    ')',
    '()',
    '"',
    '""',
    ',',
    '[',
    ']',
    '?a=b',
    ' ',
  ),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ]{0,10}$/),
);
const sensor: fc.Arbitrary<SensorSyntax> = fc.record({
  name: text,
  parameters: fc.array(text, { maxLength: 3 }),
  options: fc.oneof(fc.constant([]), fc.constant([['maxAge', '600'] as const])),
});
const test: fc.Arbitrary<TestSyntax> = fc.record({
  negated: fc.boolean(),
  operator: fc.constantFrom(...operators),
  value: text,
});
const filter: fc.Arbitrary<FilterSyntax> = fc.letrec<{ filter: FilterSyntax }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({ kind: fc.constant('sensor' as const), all: fc.boolean(), sensor, test }),
    fc.record({ kind: fc.constant('group' as const), negated: fc.boolean(), name: text }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      negated: fc.boolean(),
      parts: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
  ),
})).filter;
const question: fc.Arbitrary<QuestionSyntax> = fc.record({
  options: fc.oneof(fc.constant([]), fc.constant([['forceComputerIdFlag', '1'] as const])),
  selects: fc.array(fc.record({ sensor, test: fc.option(test) }), { maxLength: 3 }),
  where: fc.option(filter),
});

describe('the canonical text', () => {
  it('says all of a question, whatever its names and values are', () => {
    fc.assert(
      fc.property(question, (any) => {
        expect(parseQuestion(renderQuestion(any))).toEqual(any);
      }),
    );
  });

  it('says all of a filter', () => {
    fc.assert(
      fc.property(filter, (any) => {
        expect(parseFilter(renderFilter(any))).toEqual(any);
      }),
    );
  });

  it('of anything that can be read at all is read to the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, fc.constantFrom('Get', 'from all machines', 'with', 'equals')), { maxLength: 8 }),
        (words) => {
          let read: QuestionSyntax;
          try {
            read = parseQuestion(`Get ${words.join(' ')}`);
          } catch (error) {
            expect(error).toBeInstanceOf(QuestionSyntaxError);
            return;
          }
          expect(parseQuestion(renderQuestion(read))).toEqual(read);
        },
      ),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { kinds, schemaOf } from '../../src/desired/schemas.ts';
import { exampleFiles, placeOf, read } from './repository.ts';

const texts = Object.values(exampleFiles);
const whole = texts.join('---\n');
/** And a document of each kind. */
const everything = [whole, ...kinds.map((kind) => stringify(schemaOf(kind).examples?.[0]))].join('---\n');

/** A small sample makes a small counterexample. */
function edited([at, cut, put]: [number, number, string]): Buffer {
  return Buffer.from(everything.slice(0, at) + put + everything.slice(at + cut));
}

describe('whatever a file holds', () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const yamlish = fc
    .array(
      fc.constantFrom(
        'a',
        'kind',
        'spec',
        ':',
        ': ',
        '- ',
        '\n',
        '\n  ',
        '\t',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '#',
        '&a ',
        '*a',
        '!x ',
        '|',
        '>',
        '---\n',
        '%',
        '<<',
        '? ',
        '010',
        'yes',
        '~',
        '\\',
        '\ufeff',
        '\r',
        'ü',
      ),
      { maxLength: 60 },
    )
    .map((parts) => Buffer.from(parts.join('')));
  /** At, how much is cut out, what is put in. */
  const edit = fc.tuple(
    fc.nat({ max: everything.length - 1 }),
    fc.nat({ max: 40 }),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('', 'x', '~', '[]', '{}', '- ', '\n', ': ', '1', 'true'),
    ),
  );

  it('nothing is thrown, and every problem has its place in the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, yamlish, edit), async (sample) => {
        const contents = Array.isArray(sample) ? edited(sample) : sample;
        const { desired, errors, warnings, files } = await read({ 'a.yaml': contents });
        expect(desired === null).toBe(errors.length > 0);
        expect(files.map(({ file }) => file)).toEqual(['a.yaml']);
        const lines = Buffer.from(contents)
          .toString('utf8')
          .split(/\r\n|\r|\n/);
        for (const problem of [...errors, ...warnings]) {
          expect(problem.line, problem.code).toBeGreaterThanOrEqual(1);
          expect(problem.line, problem.code).toBeLessThanOrEqual(lines.length);
          expect(problem.column, placeOf(problem)).toBeGreaterThanOrEqual(1);
          expect(problem.column, placeOf(problem)).toBeLessThanOrEqual((lines[problem.line - 1]?.length ?? 0) + 1);
          expect(problem.message).not.toMatch(/\p{Cc}/u);
          expect(problem.message.endsWith('.') || problem.message.endsWith('?'), problem.message).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('a repository', () => {
  it('means the same in whatever files its documents lie, and whatever comments stand between them', async () => {
    const { desired } = await read({ 'all.yaml': whole });
    const comment = fc.constantFrom('', '# a comment\n', '\n\n', '# kind: Rollout\n---\n');
    const layout = fc.tuple(
      fc.shuffledSubarray(texts, { minLength: texts.length }),
      fc.array(fc.tuple(fc.constantFrom('a.yaml', 'b/c.yml', 'z.yaml'), comment), {
        minLength: texts.length,
        maxLength: texts.length,
      }),
    );
    await fc.assert(
      fc.asyncProperty(layout, async ([order, places]) => {
        const files: Record<string, string> = {};
        for (const [index, text] of order.entries()) {
          const [file, before] = places[index] ?? ['a.yaml', ''];
          files[file] = files[file] === undefined ? before + text : `${files[file]}---\n${before}${text}`;
        }
        const reading = await read(files);
        expect(reading.errors).toEqual([]);
        expect(reading.desired?.digest).toBe(desired?.digest);
        expect(reading.desired?.memberships.length).toBe(desired?.memberships.length);
      }),
      { numRuns: 60 },
    );
  });
});

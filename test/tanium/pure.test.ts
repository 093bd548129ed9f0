import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkColumns } from '../../src/tanium/device-row.ts';
import { didYouMean, nearNames, shown } from '../../src/tanium/near-names.ts';
import { isSettled, look, nextInterval, startWatch } from '../../src/tanium/patience.ts';
import { isComputerId, quoted, targetText } from '../../src/tanium/question-text.ts';
import { pauseAfter } from '../../src/tanium/retry.ts';
import { beyondSeed, type Endpoint, pathOf, surface } from '../../src/tanium/surface.ts';

describe('the surface (#174 #175 #176)', () => {
  it('asks, issues and creates by the seed’s table, which edits and deletes nothing, and no group but its actions’ own', () => {
    const beyond = new Set<Endpoint>(Object.values(beyondSeed));
    const writing = Object.values(surface).filter(({ method }) => method !== 'GET');
    const told = (endpoints: readonly Endpoint[]): readonly string[] =>
      endpoints.map(({ method, path }) => `${method} ${path.replace('/api/v2/', '')}`);
    expect(told(writing.filter((endpoint) => !beyond.has(endpoint)))).toEqual([
      'POST questions',
      'POST actions',
      'POST packages',
      'POST sensors',
    ]);
    expect(told(writing.filter((endpoint) => beyond.has(endpoint)))).toEqual([
      'POST computer_groups',
      'DELETE computer_groups/{id}',
      'POST upload_file',
      'PATCH sensors/{id}',
      'PATCH packages/{id}',
      'POST api_tokens',
      'DELETE api_tokens/{id}',
    ]);
    for (const { repeat } of [
      surface.createAction,
      surface.createTargetGroup,
      surface.createPackage,
      surface.createSensor,
      surface.createToken,
    ])
      expect(repeat).toBe('never');
  });

  it('says of each end point beyond the table, in a comment above it, why the table does not suffice', () => {
    const source = readFileSync(new URL('../../src/tanium/surface.ts', import.meta.url), 'utf8');
    const own = source.slice(source.indexOf('export const beyondSeed'));
    let told = false;
    const named: string[] = [];
    for (const line of own.split('\n')) {
      if (/^ {2}\/\/ \S/.test(line)) told = true;
      const name = /^ {2}(\w+): \{(?: method|$)/.exec(line)?.[1];
      if (name === undefined) continue;
      named.push(name);
      expect([name, told]).toEqual([name, true]);
      told = false;
    }
    expect(named).toEqual(Object.keys(beyondSeed));
  });

  it('goes beyond the seed’s table by these end points alone', () => {
    expect(Object.values(beyondSeed).map(({ path }) => path.replace('/api/v2/', ''))).toEqual([
      'sensors/by-name/{name}',
      'packages/by-name/{name}',
      'questions/{id}',
      'result_info/question/{id}',
      'result_info/action/{id}',
      'action_groups',
      'actions/by-name/{name}',
      'computer_groups',
      'computer_groups/by-name/{name}',
      'computer_groups/{id}',
      'saved_actions/{id}',
      'upload_file',
      '/cache/{hash}',
      'sensors/{id}',
      'packages/{id}',
      'content_sets',
      'session/current',
      'api_tokens',
      'api_tokens',
      'api_tokens/{id}',
    ]);
  });

  it('#174 stands in docs/content.md, as far as it goes beyond the seed’s table', () => {
    const page = readFileSync(new URL('../../docs/content.md', import.meta.url), 'utf8');
    for (const { method, path } of Object.values(beyondSeed)) expect(page).toContain(`\`${method} ${path}\``);
  });

  it('keeps every name within its one path segment', () => {
    const byName: Endpoint = surface.sensorByName;
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('.', '..', '../actions', 'a?b', 'a#b', '%2e%2e')),
        (name) => {
          const path = pathOf(byName, { name });
          const segment = /^\/api\/v2\/sensors\/by-name\/([^/?#\s]*)$/.exec(path)?.[1] ?? 'not one segment';
          expect(decodeURIComponent(segment)).toBe(name.toWellFormed());
          expect(segment).not.toMatch(/^\.+$/);
        },
      ),
    );
  });
});

describe('question text', () => {
  it.each([
    ['NPS Admin Members', 'NPS Admin Members'],
    ['Tanium Action Log', 'Tanium Action Log'],
    ['Online', 'Online'],
    ['Sensor with words', '"Sensor with words"'],
    ['from', '"from"'],
    ['a "b"', '"a ""b"""'],
    ['a[1]', '"a[1]"'],
    ['a?maxAge=1', '"a?maxAge=1"'],
    ['a, b', '"a, b"'],
    ['two  blanks', '"two  blanks"'],
    ['Größe', 'Größe'],
  ])('quotes %s as %s', (name, text) => {
    expect(quoted(name)).toBe(text);
  });

  it('takes 32-bit numbers alone for Computer IDs', () => {
    expect(['1', '4294967295'].every(isComputerId)).toBe(true);
    expect(['0', '', '-1', '01', '4294967296', '1.0', '1e3', ' 1', '１'].some(isComputerId)).toBe(false);
    expect(() => targetText(['1', 'x'])).toThrow(RangeError);
  });
});

describe('near names (#165)', () => {
  const names = ['NPS Admin Members', 'NPS Posture', 'Online', 'Operating System'];

  it.each([
    ['nps admin members', 'upper and lower case differ'],
    ['NPS Admin Members ', 'Tanium has "NPS Admin Members": a blank at its beginning or end differs.'],
    ['NPS  Admin Members', 'Did you mean "NPS Admin Members"?'],
    ['NPS-Admin-Members', 'Did you mean "NPS Admin Members"?'],
    ['NPS Admim Membres', 'Did you mean "NPS Admin Members"?'],
    ['Admin Members', 'Did you mean "NPS Admin Members"?'],
  ])('of %s: %s', (wanted, hint) => {
    expect(didYouMean(wanted, names)).toContain(hint);
  });

  it('are none where nothing is near', () => {
    expect(didYouMean('Chassis Type', names)).toBe('');
    expect(nearNames('', names)).toEqual([]);
  });

  it('show what cannot be seen', () => {
    expect(shown('NPS\u200b Admin\u202e\n')).toBe('NPS\\u{200b} Admin\\u{202e}\\u{a}');
  });
});

describe('the columns of an answer', () => {
  const column = (name: string, hash: string) => ({ name, hash });

  it('#48 name a sensor that splits its answer, and not one that is missing', () => {
    const split = [column('Computer ID', '1'), column('User', '7'), column('SID', '7'), column('Count', '0')];
    expect(() => checkColumns(split, ['Computer ID', 'NPS Admin Members'])).toThrow(
      expect.objectContaining({
        code: 'TRUEUP_SENSOR_FOREIGN',
        message: expect.stringContaining('"NPS Admin Members" splits its answer into columns'),
        remedy: expect.stringContaining('Disabled'),
      }),
    );
    expect(() => checkColumns([column('Count', '0'), column('Count', '0')], ['NPS Admin Members'])).toThrow(
      expect.objectContaining({ code: 'TRUEUP_SENSOR_NOT_FOUND' }),
    );
  });
});

describe('patience', () => {
  it('looks often at first and every 5 s in the end', () => {
    let interval: number | null = null;
    const intervals: number[] = [];
    for (let count = 0; count < 14; count += 1) {
      interval = nextInterval(interval);
      intervals.push(interval);
    }
    expect(intervals[0]).toBe(100);
    expect(intervals.at(-1)).toBe(5_000);
    expect(intervals).toEqual(intervals.toSorted((a, b) => a - b));
  });

  /** Seconds after which it stops, with `seen` of 1000 machines there after `at` seconds, and no more. */
  function stopsAfter(seen: number, at: number): number {
    let watch = startWatch(0);
    for (let seconds = 0; seconds < 1_000; seconds += 0.25) {
      watch = look(watch, seconds < at ? Math.floor((seen * seconds) / at) : seen, seconds * 1000);
      if (isSettled(watch, 1_000, seconds * 1000)) return seconds;
    }
    return Number.POSITIVE_INFINITY;
  }

  it('ends at once when all have answered, also when more did than were expected', () => {
    expect(stopsAfter(1_000, 4)).toBe(4);
    expect(isSettled(look(startWatch(0), 1_001, 1), 1_000, 1)).toBe(true);
  });

  it('waits the longer for the last ones, the fewer have answered and the slower they came', () => {
    expect(stopsAfter(995, 4)).toBeLessThanOrEqual(6.5);
    expect(stopsAfter(950, 4)).toBeLessThanOrEqual(8.5);
    expect(stopsAfter(500, 4)).toBeGreaterThanOrEqual(30);
    expect(stopsAfter(950, 40)).toBeGreaterThanOrEqual(75);
    expect(stopsAfter(500, 40)).toBeGreaterThanOrEqual(180);
  });

  it('does not believe in an empty fleet before ten seconds', () => {
    const watch = look(startWatch(0), 0, 100);
    expect(isSettled(watch, 0, 9_000)).toBe(false);
    expect(isSettled(watch, 0, 10_000)).toBe(true);
  });
});

describe('the pause before a repetition', () => {
  it.each([
    [1, null, 250],
    [3, null, 4_000],
    [1, '2', 2_000],
    [1, '9999', 30_000],
    [1, 'Thu, 01 Jan 1970 00:00:09 GMT', 9_000],
    [1, 'later', 250],
    [1, '-5', 250],
  ])('after attempt %i with Retry-After %s is %i ms', (attempt, retryAfter, pause) => {
    expect(pauseAfter(attempt, retryAfter, 0)).toBe(pause);
  });
});

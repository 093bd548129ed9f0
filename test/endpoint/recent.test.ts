import { expect, test } from 'vitest';
import { recent } from '../../src/endpoint/recent.ts';

/** Texts of four letters; what is made of one says how many were made before. */
function counting(mostLetters: number): (text: string) => { readonly text: string; readonly number: number } {
  let number = 0;
  return recent(mostLetters, (text) => {
    number += 1;
    return { text, number };
  });
}

test('what was made of a text serves for equal ones', () => {
  const of = counting(8);
  const first = of('aaaa');
  expect(of('bbbb')).toEqual({ text: 'bbbb', number: 2 });
  expect(of(['a', 'aaa'].join(''))).toBe(first);
});

test('a text that comes again and again stays, and one that does not is forgotten', () => {
  const of = counting(8);
  const steady = of('aaaa');
  const left = of('bbbb');
  for (const other of ['cccc', 'dddd', 'eeee', 'ffff']) {
    of(other);
    expect(of('aaaa')).toBe(steady);
  }
  expect(of('bbbb')).not.toBe(left);
});

test('a text that is longer than all that is held is made whenever it is no longer the last', () => {
  const of = counting(8);
  const long = of('a'.repeat(100));
  for (const other of ['bbbb', 'cccc', 'dddd', 'eeee', 'ffff', 'gggg']) of(other);
  expect(of('a'.repeat(100))).not.toBe(long);
});

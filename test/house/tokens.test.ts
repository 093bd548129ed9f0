import { describe, expect, it } from 'vitest';
import { tokensOf } from '../../tools/tokens.ts';

/** Names, numbers and marks as they are, texts in quotes, patterns in brackets. */
function shown(source: string): string {
  return tokensOf(source)
    .map(({ kind, text }) => (kind === 'text' ? `"${text}"` : kind === 'pattern' ? `[${text}]` : text))
    .join(' ');
}

describe('tokens', () => {
  it('are names, texts, numbers, patterns and marks; comments are none', () => {
    expect(shown(`const a = 1_000; // 'b'\n/* "c" */ d('e');`)).toBe('const a = 1_000 ; d ( "e" ) ;');
  });

  it('know their line, past comments and texts of several lines', () => {
    const tokens = tokensOf('a\n/*\n*/ b `\n` c');
    expect(tokens.map(({ text, line }) => [text, line])).toEqual([
      ['a', 1],
      ['b', 3],
      ['\n', 3],
      ['c', 4],
    ]);
  });

  it('of a text have its value', () => {
    expect(shown(String.raw`'it\'s' "a\nb"`)).toBe(`"it's" "a\nb"`);
  });

  it('see code inside of templates, at any depth', () => {
    expect(shown('`a${b({ c: `d${e}f` })}g` h')).toBe('"a" b ( { c : "d" e "f" } ) "g" h');
  });

  it('tell a pattern from a division', () => {
    expect(shown('a / b / c')).toBe('a / b / c');
    expect(shown(`x(/['"/]/g, 1) / 2`)).toBe(`x ( [/['"/]/g] , 1 ) / 2`);
    expect(shown('return /a/;')).toBe('return [/a/] ;');
  });

  it('come to an end, whatever the text', () => {
    for (const source of ["'open", '`open', '`a${', '/* open', '}', '\u{1F600}', '#!x', '/[']) {
      expect(() => tokensOf(source)).not.toThrow();
    }
  });
});

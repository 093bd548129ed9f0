import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain } from '../../src/render/escape.ts';
import { cellWidth, padded, truncate, wrap } from '../../src/render/width.ts';
import { hostileNames } from './hostile.ts';

describe('plain', () => {
  it.each([
    ['CORP\\helpdesk-7', 'CORP\\helpdesk-7'],
    ['CORP\\new', 'CORP\\new'],
    ['Größe 名前 😀', 'Größe 名前 😀'],
    ['a\u0000b', 'a\\u{0}b'],
    ['line\nfeed\r\t', 'line\\u{A}feed\\u{D}\\u{9}'],
    ['\u001b[31mred', '\\u{1B}[31mred'],
    ['\u009b31m', '\\u{9B}31m'],
    ['abc\u202Ecba\u2066', 'abc\\u{202E}cba\\u{2066}'],
    ['zero\u200Bwidth\uFEFF', 'zero\\u{200B}width\\u{FEFF}'],
    ['no\u00A0break\u3000wide', 'no\\u{A0}break\\u{3000}wide'],
    ['half \uD83D of one', 'half \\u{D83D} of one'],
    ['tag \u{E0041}', 'tag \\u{E0041}'],
    ['filler \u3164 blank \u2800', 'filler \\u{3164} blank \\u{2800}'],
    ['\u0301first', '\\u{301}first'],
    ['e\u0301', 'e\u0301'],
    ['a\u0301\u0301\u0301\u0301\u0301', 'a\u0301\u0301\u0301\\u{301}\\u{301}'],
  ])('shows all of %j', (text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  it('leaves nothing that a terminal acts on, and nothing that cannot be seen', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileNames)), (text) => {
        const shown = plain(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(shown).not.toMatch(/\p{M}{4}/u);
        expect(plain(shown)).toBe(shown);
      }),
    );
  });

  it('never makes two texts one by taking something away', () => {
    const texts = ['ab', 'a\u200Bb', 'a\u200Cb', 'a b', 'a\u00A0b', 'a\nb', 'a\tb'];
    expect(new Set(texts.map(plain)).size).toBe(texts.length);
  });
});

describe('width', () => {
  it.each([
    ['SRV-1', 5],
    ['Größe', 5],
    ['名前', 4],
    ['ｶﾅ', 2],
    ['한국', 4],
    ['e\u0301', 1],
    ['😀', 2],
    ['→ ↻ …', 5],
    ['', 0],
  ])('of %j is %d cells', (text, width) => {
    expect(cellWidth(text)).toBe(width);
  });

  it('cuts the middle and keeps both ends', () => {
    expect(truncate('CORP\\administrators-of-berlin', 16)).toBe('CORP\\admin…erlin');
    expect(truncate('short', 5)).toBe('short');
    expect(truncate('名前名前名前', 8)).toBe('名前…前');
    expect(truncate('abc', 1)).toBe('…');
    expect(truncate('abc', 0)).toBe('');
  });

  it('never cuts to more than was asked for, nor through a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, width) => {
        const cut = truncate(text, width);
        expect(cellWidth(cut)).toBeLessThanOrEqual(width);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });

  it('wraps at blanks, within longer words, and loses nothing but blanks', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('S-1-5-21-1004336348', 8)).toEqual(['S-1-5-21', '-1004336', '348']);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(cellWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('pads by cells', () => {
    expect(padded('名前', 6)).toBe('名前  ');
    expect(padded('12', 4, 'right')).toBe('  12');
  });
});

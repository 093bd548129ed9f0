import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/error-catalogue.ts';
import { type ErrorCode, TrueupError } from '../../src/errors.ts';
import { errorJson, errorText } from '../../src/render/error-text.ts';
import { expectGolden } from '../golden.ts';

const view = { color: false };

describe('an error', () => {
  const unresolved = new TrueupError('TRUEUP_NAME_UNRESOLVED', 'No SID is known for CORP\\helpdesk-7.', {
    source: 'policies/admins.yaml:7:14',
  });

  it('tells what happened, where, the likely cause, the remedy and the code', () => {
    expectGolden('error.txt', errorText(unresolved, view));
    expectGolden('error.json', errorJson(unresolved));
  });

  it('without a place has no line for it', () => {
    const text = errorText(new TrueupError('TRUEUP_TANIUM_BUSY', 'Tanium answered 429 five times.'), view);
    expect(text.split('\n').map((line) => line.trim().split(' ')[0])).toEqual([
      'error:',
      'cause',
      'remedy',
      'code',
      '',
    ]);
  });

  it.each(Object.keys(catalogue) as ErrorCode[])('%s names its cause, remedy and code', (code) => {
    const text = errorText(new TrueupError(code, 'It happened.'), view).replace(/\s+/g, ' ');
    for (const words of [catalogue[code].cause, catalogue[code].remedy, code]) expect(text).toContain(words);
  });

  it('never shows the error below, nor lets a message write lines of its own', () => {
    const error = new TrueupError('TRUEUP_TANIUM_REFUSED', 'Tanium says: no\n\u001b[31merror: \u202Eyes', {
      origin: new Error('token-abcdef'),
    });
    for (const text of [errorText(error, view), errorJson(error)]) {
      expect(text).not.toContain('token-abcdef');
      expect(text).not.toMatch(/[\u001b\u202E]/);
      expect(text).not.toMatch(/^\S*yes/m);
    }
    expect(JSON.parse(errorJson(error))).toEqual({
      error: {
        code: 'TRUEUP_TANIUM_REFUSED',
        message: error.message,
        source: null,
        cause: error.likelyCause,
        remedy: error.remedy,
        exit: 1,
      },
    });
  });

  it('is the same text in colour', () => {
    const colored = errorText(unresolved, { color: true });
    expect(colored).toContain('\u001b[31m');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(errorText(unresolved, view));
  });
});

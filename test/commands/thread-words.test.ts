import { describe, expect, it } from 'vitest';
import { errorOf, plainError } from '../../src/commands/thread-words.ts';
import { TrueupError } from '../../src/errors.ts';

function carried(error: unknown): TrueupError {
  return errorOf(structuredClone(plainError(error)));
}

describe('an error that goes from thread to thread', () => {
  it('says there what it said here', () => {
    const error = new TrueupError('TRUEUP_STORE_BUSY', 'Somebody else works for it.', {
      cause: 'why',
      remedy: 'what to do',
      source: 'provider.yaml:3',
      doubtful: true,
    });
    const { code, exitCode, message, likelyCause, remedy, source, doubtful, stack } = error;
    expect(carried(error)).toMatchObject({ code, exitCode, message, likelyCause, remedy, source, doubtful, stack });
    expect(carried(new TrueupError('TRUEUP_INTERRUPTED', 'Stopped.')).source).toBeNull();
  });

  it('of which nobody knew still says where it happened', () => {
    const error = new RangeError('no such place');
    expect(carried(error)).toMatchObject({ code: 'TRUEUP_INTERNAL', message: 'no such place', stack: error.stack });
  });
});

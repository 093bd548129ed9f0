/** Waves that somebody releases for one run. */
import { TrueupError } from '../errors.ts';
import { type Step, waveWords } from './waves.ts';

/**
 * Numbers of the waves that are meant, each by its name or its number; sorted. Throws TRUEUP_USAGE for one that is not
 * declared, and for a name that two have.
 */
export function approvedAmong(steps: readonly Step[], asked: readonly string[]): readonly number[] {
  const numbers = new Set(asked.map((text) => stepCalled(steps, text).number));
  return [...numbers].toSorted((a, b) => a - b);
}

function stepCalled(steps: readonly Step[], text: string): Step {
  const named = steps.filter(({ name }) => name === text);
  const [found] = named.length > 0 ? named : steps.filter(({ number }) => String(number) === text);
  if (found !== undefined && named.length <= 1) return found;
  const known = steps.map(waveWords).join(', ');
  if (named.length > 1) {
    throw new TrueupError('TRUEUP_USAGE', `--approve ${text} could be one of several waves: ${known}.`, {
      cause: 'They have no name of their own, and are called by their equal sizes.',
      remedy: 'Give the number of the wave.',
    });
  }
  throw new TrueupError(
    'TRUEUP_USAGE',
    `--approve ${text} names no wave: ${known === '' ? 'none is declared' : known}.`,
    {
      cause: 'The Rollout declares no wave of that name or number.',
      remedy: 'Give a wave by its name, or by its number as the plan shows it.',
    },
  );
}

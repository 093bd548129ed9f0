/** The one question before something is done that nothing undoes. */
import { TrueupError } from '../errors.ts';
import type { Io } from './io.ts';

/**
 * Whether the answer is "yes". `nothing`: what has not been done, for the errors: TRUEUP_NOT_CONFIRMED where there is no
 * terminal, TRUEUP_INTERRUPTED where nobody answers.
 */
export async function agreed(question: string, nothing: string, { ask }: Pick<Io, 'ask'>): Promise<boolean> {
  if (ask === null) throw new TrueupError('TRUEUP_NOT_CONFIRMED', `There is no terminal to ask on: ${nothing}.`);
  try {
    return await ask(`${question} Only "yes" goes on: `);
  } catch (error) {
    // Ctrl-C and Ctrl-D: a terminal that is being read tells of them itself, and sends no signal.
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    throw new TrueupError('TRUEUP_INTERRUPTED', `The question was not answered: ${nothing}.`, { origin: error });
  }
}

import { asTrueupError, isInterruption } from '../errors.ts';
import { got, type Seen } from './context.ts';

/** Whatever it throws is what was seen, but for an interruption, which ends the diagnosis. */
export async function seen<T>(look: () => Promise<T> | T): Promise<Seen<T>> {
  try {
    return got(await look());
  } catch (thrown) {
    if (isInterruption(thrown)) throw thrown;
    return { kind: 'error', error: asTrueupError(thrown) };
  }
}

import type { Problem } from '../problem.ts';

/** What the checks find; each adds to it. */
export interface Told {
  readonly errors: Problem[];
  readonly warnings: Problem[];
}

/** How long to wait before a request is sent again. */

/** The first attempt and three more. */
export const maxAttempts = 4;

const firstPause = 250;
const factor = 4;
/** What a server may ask for with Retry-After at most: a run does not hang on one header. */
const longestPause = 30_000;

/**
 * Milliseconds before the attempt after `attempt` (from 1): 0.25 s, 1 s, 4 s, or what Retry-After (seconds or an HTTP
 * date) asks for, capped. `now` is in milliseconds since 1970.
 */
export function pauseAfter(attempt: number, retryAfter: string | null, now: number): number {
  const own = firstPause * factor ** (attempt - 1);
  return Math.min(Math.max(own, asked(retryAfter, now)), longestPause);
}

function asked(retryAfter: string | null, now: number): number {
  if (retryAfter === null) return 0;
  if (/^\s*\d{1,9}\s*$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = /GMT\s*$/.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(at) ? 0 : at - now;
}

/** Whom a bulk scan asks again, so that its requests stay in proportion to the pages of its one question (#117). */
import { maxByNumber } from '../model/aim.ts';

/** Rows of a page of a result. */
const pageRows = 1000;
/** What a bulk scan costs besides the pages: group, sensor, question, looks at its counters. */
const otherRequests = 20;
/** Of a question for single devices: itself, the looks at its counters, its page, and the same where an answer is late. */
const questionRequests = 8;

/**
 * Of the Computer IDs `missing`, as many as the requests are left for, those first that are not in `asked`; but always
 * one question's worth, which costs the same whatever the size of the fleet. `members`: machines of the group ·
 * `spent`: requests of the scan so far.
 */
export function whomToAsk(
  missing: readonly string[],
  asked: ReadonlySet<string>,
  members: number,
  spent: number,
): readonly string[] {
  const left = 2 * Math.ceil(members / pageRows) + otherRequests - spent;
  const questions = Math.max(1, Math.floor(left / questionRequests));
  const fresh = missing.filter((id) => !asked.has(id));
  return [...fresh, ...missing.filter((id) => asked.has(id))].slice(0, questions * maxByNumber);
}

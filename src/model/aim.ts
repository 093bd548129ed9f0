/**
 * What an action is aimed at (tanium-api.md 3). The text of its group names devices by their Computer IDs, up to a
 * number; a manual group has more, by their Computer Names, and so only such as no other device has.
 */

/** As many as one text may name: the server refuses one above some 32,000 characters (`question_size_limit`). */
export const maxByNumber = 900;
/** What such a group costs in memory, in the journal and in one request stays within a few megabytes. */
export const maxByName = 20_000;

/** By its label, which has the Computer ID where the name does not tell which device it is, or is nothing else. */
export function isByNumberOnly(label: string): boolean {
  return label.includes('#') || /^\d*$/.test(label);
}

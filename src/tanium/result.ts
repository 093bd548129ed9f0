/** Tanium's result sets, whichever form they came in: JSON (`results-json.ts`) and XML (`results-xml.ts`) agree here. */

/** One row: `cells` by column, each the strings that the sensor printed. */
export interface Row {
  /** The client's Computer ID as the server knows it; `0` in a row that counts several machines. */
  readonly cid: string;
  readonly cells: readonly (readonly string[])[];
}

export interface Column {
  readonly name: string;
  /** Columns of one sensor share its hash; `0`: Count. */
  readonly hash: string;
}

/** Machines, as tanium-api.md 4 defines these figures; 0 where the answer does not have one. */
export interface Counters {
  /** Registered clients when the question was issued. */
  readonly estimatedTotal: number;
  /** Machines that have seen the question; may exceed the estimate. */
  readonly mrTested: number;
  /** Machines that matched its `with` clause, all of them where it has none. */
  readonly passed: number;
  readonly rowCount: number;
}

export interface ResultHeader extends Counters {
  /** The server's clock in its own spelling; null: it does not say. */
  readonly now: string | null;
  /** Empty before the first answer. */
  readonly columns: readonly Column[];
  /** Rows of the whole result, of which this is a page. */
  readonly filteredRowCount: number;
  readonly cacheId: string | null;
  /** Rows of this page that had another shape than a row and were left out. */
  readonly malformedRows: number;
}

export interface ResultParser {
  /** Takes the next bytes, cut anywhere; adds the rows that end in them to `found`, and answers that. */
  readonly push: (chunk: Uint8Array, found?: Row[]) => readonly Row[];
  /** @throws TruncatedBody when the document has not ended, SyntaxError when it is none */
  readonly end: () => ResultHeader;
}

/** A number, or the decimal text of one; everything else counts as 0. */
export function figure(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** The counters of a result set or result info, in either form. */
export function countersOf(set: Readonly<Record<string, unknown>>): Counters {
  return {
    estimatedTotal: figure(set['estimated_total']),
    mrTested: figure(set['mr_tested']),
    passed: figure(set['passed']),
    rowCount: figure(set['row_count']),
  };
}

/**
 * `2019/08/09 14:08:44 GMT-0000`, as results have it, or an ISO time, as ISO to the second in UTC; null: neither.
 */
export function serverTime(now: string | null): string | null {
  if (now === null) return null;
  const parts = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)(?: GMT([+-]\d\d)(\d\d))?$/.exec(now.trim());
  const iso = parts
    ? `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}${parts[5] === undefined ? 'Z' : `${parts[5]}:${parts[6]}`}`
    : now;
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? null : `${at.toISOString().slice(0, 19)}Z`;
}

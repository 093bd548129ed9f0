/** The report: one line for each command, in Base64 or plain JSON; and the reports in the output of an action. */
import type { Sid } from '../model/sid.ts';
import type { EndpointErrorCode } from './errors.ts';
import { asciiJson, type JsonObject, parseJson } from './json.ts';
import { reportOf } from './report-shape.ts';

export type ReportStatus = 'ok' | 'failed' | 'refused' | 'skipped';

export interface Report {
  /** Number of the command, from 1. */
  readonly n: number;
  /** Commands of the action. */
  readonly of: number;
  /** Null: not given (`-NoMeta`, or a device that could not even read the command). */
  readonly meta: ReportMeta | null;
  readonly status: ReportStatus;
  /** False: the device already was as asked. */
  readonly changed: boolean;
  readonly data: JsonObject | null;
  readonly error: ReportError | null;
}

/** Whose report it is. Under `-NoMeta` the report of a change still says computer and sid. */
export interface ReportMeta {
  /** Version of the script. */
  readonly script: string | null;
  readonly computer: string;
  /** The machine's own SID. */
  readonly sid: Sid;
  readonly domain: string | null;
  /** `LocalGroup.AddMember`. */
  readonly action: string | null;
  readonly ms: number | null;
}

export interface ReportError {
  readonly code: EndpointErrorCode;
  readonly message: string;
  /** `0x800708C5`; null: Windows was not asked. */
  readonly native: string | null;
}

export type ReportForm = 'base64' | 'json';

/** Fixed order of keys; what is null is left out. */
export function encodeReport(report: Report, form: ReportForm): string {
  const { n, of, meta, status, changed, data, error } = report;
  const json = asciiJson({
    v: 1,
    n,
    of,
    ...(meta !== null && { meta: withoutNulls(meta) }),
    status,
    changed,
    ...(data !== null && { data }),
    ...(error !== null && { error: withoutNulls(error) }),
  });
  return form === 'json' ? json : Buffer.from(json, 'latin1').toString('base64');
}

/** `domain` alone stays, as null: a device without a domain says so. */
function withoutNulls(part: ReportMeta | ReportError): JsonObject {
  const entries = Object.entries(part).filter(([key, value]) => value !== null || (key === 'domain' && isFull(part)));
  return Object.fromEntries(entries);
}

function isFull(part: ReportMeta | ReportError): boolean {
  return 'script' in part && part.script !== null;
}

export interface DecodedReports {
  /** Ordered by `n`, each once. */
  readonly reports: readonly Report[];
  /** Reports that the action should have; null: not one was found. */
  readonly expected: number | null;
  /** Something is missing: the outcome of the commands without a report is unknown. */
  readonly cut: boolean;
  /** Numbers that two different reports claim; neither is believed. */
  readonly conflicting: readonly number[];
  /** Lines that belong to no report: the Tanium client's own words, mostly. */
  readonly ignored: number;
}

/** The sensor shows 100 lines and one that says that there were more; what is beyond these bounds is not read. */
const maxLines = 1000;
const maxLineLength = 4_000_000;
/** Only the short report of Constrained Language Mode is ever wrapped. */
const maxWrappedLength = 20_000;

/**
 * Reads lines in any form they come in: Base64 or JSON, with or without the sensor's `NNN|`, among other output, twice,
 * or wrapped (a device in Constrained Language Mode cannot keep the console from wrapping). Whatever the lines are, it
 * answers and does not throw.
 */
export function decodeReports(lines: readonly string[]): DecodedReports {
  const found = new Map<number, Report>();
  const conflicting = new Set<number>();
  let expected: number | null = null;
  let ignored = Math.max(0, lines.length - maxLines);
  const texts = lines.slice(0, maxLines).map(textOf);
  for (let at = 0; at < texts.length; ) {
    const { report, lines: used } = readAt(texts, at);
    at += used;
    if (report === null) {
      ignored += used;
      continue;
    }
    expected = Math.max(expected ?? 0, report.of);
    const earlier = found.get(report.n);
    if (earlier && JSON.stringify(earlier) !== JSON.stringify(report)) conflicting.add(report.n);
    found.set(report.n, report);
  }
  for (const n of conflicting) found.delete(n);
  const reports = [...found.values()].toSorted((a, b) => a.n - b.n);
  return {
    reports,
    expected,
    cut: expected === null || reports.length < expected,
    conflicting: [...conflicting].toSorted((a, b) => a - b),
    ignored,
  };
}

/** Spaces at either end stay: a line may be the middle of a wrapped report. */
function textOf(line: string): string {
  if (line.length > maxLineLength) return '';
  let end = line.length;
  while (end > 0 && '\r\n'.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end).replace(/^\s*\d{3}\|/, '');
}

/** How a report begins: `{"v":1`, and the same in Base64. */
const beginning = /^\s*(?:\{\s*"v"|eyJ2Ij)/;

/** The report that begins in a line, in as many lines as it takes. */
function readAt(texts: readonly string[], start: number): { report: Report | null; lines: number } {
  const first = texts[start] ?? '';
  if (!beginning.test(first)) return { report: null, lines: 1 };
  let joined = first;
  for (let end = start + 1; ; end += 1) {
    const report = read(joined);
    if (report !== null) return { report, lines: end - start };
    const next = texts[end];
    if (next === undefined || beginning.test(next) || joined.length > maxWrappedLength)
      return { report: null, lines: 1 };
    joined += next;
  }
}

function read(lines: string): Report | null {
  const text = lines.trim();
  if (text.startsWith('{')) return text.endsWith('}') ? reportOf(parseJson(text)) : null;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  return reportOf(parseJson(Buffer.from(text, 'base64').toString('utf8')));
}

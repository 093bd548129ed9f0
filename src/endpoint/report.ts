/** The report: one line for each command, in Base64 or plain JSON; and the reports in the output of an action. */
import type { Sid } from '../model/sid.ts';
import type { EndpointErrorCode } from './errors.ts';
import { asciiJson, type JsonObject, parseJson } from './json.ts';
import { reportOf } from './report-shape.ts';
import { unwrapped } from './wrapped.ts';

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
  /** Ascending by `n`, each once. */
  const found: Found[] = [];
  let expected: number | null = null;
  const end = Math.min(lines.length, maxLines);
  let ignored = lines.length - end;
  for (let at = 0; at < end; at += 1) {
    const first = textOf(lines[at]);
    const one = beginning.test(first) ? (read(first) ?? readWrapped(lines, at, end)) : null;
    if (one === null) {
      ignored += 1;
      continue;
    }
    at += one.furtherLines;
    expected = Math.max(expected ?? 0, one.report.of);
    put(found, one);
  }
  const reports: Report[] = [];
  const conflicting: number[] = [];
  for (const { report, isContested } of found) {
    if (isContested) conflicting.push(report.n);
    else reports.push(report);
  }
  return { reports, expected, cut: expected === null || reports.length < expected, conflicting, ignored };
}

interface Found {
  readonly report: Report;
  /** As the device wrote it: the same report twice is the same text twice. */
  readonly json: string;
  /** Over which the console wrapped it. */
  readonly furtherLines: number;
  /** Another report claims the same number. */
  isContested: boolean;
}

/** Reports come in order, but for what a hostile or doubled log makes of them. */
function put(found: Found[], one: Found): void {
  const { n } = one.report;
  const last = found.at(-1);
  if (last === undefined || last.report.n < n) {
    found.push(one);
    return;
  }
  const at = found.findIndex(({ report }) => report.n >= n);
  const there = found[at];
  if (there?.report.n !== n) found.splice(at, 0, one);
  else if (there.json !== one.json) there.isContested = true;
}

/** How a report begins: `{"v":1`, and the same in Base64. */
const beginning = /^\s*(?:\{\s*"v"|eyJ2Ij)/;

/** Blanks at either end stay: a line may be the middle of a wrapped report. */
function textOf(line: string | undefined): string {
  if (line === undefined || line.length > maxLineLength) return '';
  let end = line.length;
  while (end > 0 && isLineEnd(line.charCodeAt(end - 1))) end -= 1;
  const text = end === line.length ? line : line.slice(0, end);
  return numbered.test(text) ? text.slice(text.indexOf('|') + 1) : text;
}

const numbered = /^\s*\d{3}\|/;

function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/** The report that begins in a line and ends in a later one. */
function readWrapped(lines: readonly string[], start: number, end: number): Found | null {
  const parts = [textOf(lines[start])];
  let length = 0;
  for (let at = start + 1; at < end && length <= maxWrappedLength; at += 1) {
    const next = textOf(lines[at]);
    if (beginning.test(next)) break;
    parts.push(next);
    length += next.length;
    const line = unwrapped(parts);
    const found = line === null ? null : read(line, at - start);
    if (found !== null) return found;
  }
  return null;
}

function read(line: string, furtherLines = 0): Found | null {
  const text = line.trim();
  const json = text.startsWith('{') ? text : fromStrictBase64(text);
  if (json === null || !json.endsWith('}')) return null;
  const report = reportOf(parseJson(json));
  return report === null ? null : { report, json, furtherLines, isContested: false };
}

/**
 * The same answer as `fromBase64`, sooner. Node passes over what is not of the alphabet, and leaves fewer bytes then than
 * so many characters stand for; what is not UTF-8 becomes U+FFFD, which a report would have escaped.
 */
function fromStrictBase64(text: string): string | null {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== (text.length / 4) * 3 - padding) return null;
  const json = bytes.toString('utf8');
  return json.includes('\ufffd') ? null : json;
}

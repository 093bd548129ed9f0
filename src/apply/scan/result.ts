/** What a scan says of one computer: made of what the device answered, or of why it did not. */
import { parseInventory } from '../../endpoint/inventory.ts';
import { recent } from '../../endpoint/recent.ts';
import type { ScanKind } from '../../model/scan.ts';
import { ADMINISTRATORS, type Sid } from '../../model/sid.ts';
import type { DeviceRow } from '../../ports.ts';
import { membersIn } from '../../reconcile/local-users.ts';
import { conflictOf } from '../../reconcile/match.ts';
import { realTimeSeconds, type ScannedComputer } from '../../reconcile/scan-due.ts';
import type { Unready } from '../../reconcile/scan-readiness.ts';

/** Why a scan of one computer has no inventory. */
export type ScanFailure =
  | 'not-found'
  | 'ambiguous'
  | 'offline'
  | 'last-seen-too-long-ago'
  | 'no-answer'
  | 'malformed'
  | 'identity'
  | 'action-failed'
  | 'action-timeout'
  | 'no-report'
  | 'left-alone'
  | Unready;

/** The device lacks what a scan needs: no fault of the scan, and no second try would help. */
const skips: ReadonlySet<ScanFailure> = new Set<ScanFailure>([
  'not-windows',
  'os-unknown',
  'os-too-old',
  'powershell-too-old',
  'no-local-accounts',
  'domain-controller',
  'last-seen-too-long-ago',
  'left-alone',
]);

export function isSkip(failure: ScanFailure | null): boolean {
  return failure !== null && skips.has(failure);
}

export interface ScanResult {
  readonly record: ScannedComputer;
  readonly source: ScanKind;
  readonly failure: ScanFailure | null;
  /** One sentence's worth. */
  readonly message: string;
  /** Seconds. */
  readonly duration: number;
  /** What the device answered; null: there is no inventory of it. */
  readonly answer: ScanAnswerOf | null;
}

export interface ScanAnswerOf {
  readonly row: DeviceRow;
  /** Members of its Administrators, as the inventory has them. */
  readonly administrators: readonly Sid[];
  /** From a report's meta; null: the sensor does not say. */
  readonly machineSid: Sid | null;
}

/** Of one distinct text, of which a fleet has a few thousand. */
export type Reading =
  | { readonly kind: 'inventory'; readonly text: string; readonly administrators: readonly Sid[] }
  | { readonly kind: 'not-windows' | 'no-answer' | 'malformed'; readonly text: string; readonly message: string };

/** Characters of the texts that are kept read: those of some thousand kinds of device. */
const mostLetters = 4_000_000;

/** Reads each distinct text once, as long as it comes again. */
export function reader(): (text: string) => Reading {
  return recent(mostLetters, readingOf);
}

export function readingOf(text: string): Reading {
  const parsed = parseInventory(text);
  if (parsed.kind !== 'inventory') return { kind: parsed.kind, text, message: parsed.message };
  const administrators = membersIn(parsed.inventory, ADMINISTRATORS).map(({ sid }) => sid);
  return { kind: 'inventory', text, administrators };
}

/** What a machine that answers under this Computer ID says of the record, or why it may be another one (F15). */
export function resultOf(
  record: ScannedComputer,
  row: DeviceRow,
  reading: Reading,
  how: { readonly source: ScanKind; readonly duration: number; readonly success: string },
): ScanResult {
  const { source, duration } = how;
  const base = { record, source, duration, answer: null };
  const conflict = conflictOf(record, row);
  if (conflict !== null) return { ...base, failure: 'identity', message: conflict };
  if (reading.kind !== 'inventory') return { ...base, failure: reading.kind, message: messageOf(reading) };
  const answer = { row, administrators: reading.administrators, machineSid: null };
  return { ...base, failure: null, message: how.success, answer };
}

/** What a success says of how old an answer may be (#110). */
export function ageWords(maxAgeSeconds: number): string {
  return maxAgeSeconds <= realTimeSeconds ? 'scanned in real time' : `scanned, at most ${maxAgeSeconds} s old`;
}

function messageOf({ kind, message }: Exclude<Reading, { readonly kind: 'inventory' }>): string {
  switch (kind) {
    case 'not-windows':
      return 'it does not run Windows';
    case 'no-answer':
      return `the sensor has no answer: ${message}`;
    case 'malformed':
      return `the answer is no inventory: ${message}`;
  }
}

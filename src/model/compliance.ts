import type { PolicyRef, Source } from './desired.ts';
import type { PostureValue } from './posture.ts';
import type { Pattern, Selector } from './selector.ts';

/** Worst first. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof severities)[number];

/** What selected devices should look like; a difference is told and recorded, and never mended. */
export interface BaselinePolicy {
  readonly ref: PolicyRef;
  readonly selector: Selector;
  /** In the order of the document; each id once. */
  readonly checks: readonly ComplianceCheck[];
}

export interface ComplianceCheck {
  readonly id: string;
  /** Of an item of the posture, `smb.requireSigning`. */
  readonly path: string;
  readonly demand: Demand;
  readonly severity: Severity;
  readonly source: Source;
}

/** What is demanded of the value of an item. */
export type Demand =
  | { readonly op: 'equals' | 'notEquals'; readonly value: PostureValue }
  /** A number, or the parts of a version as a text: `10.0.26100`. */
  | { readonly op: 'atLeast' | 'atMost'; readonly value: number | string }
  | { readonly op: 'in' | 'notIn'; readonly values: readonly PostureValue[] }
  | { readonly op: 'matches'; readonly pattern: Pattern }
  /** Whether the device reports a value at all. */
  | { readonly op: 'exists' | 'notExists' };

/** The sensor that the posture is read from. */
export interface PostureSource {
  readonly sensor: string;
  /** Of an answer that still serves. */
  readonly maxAgeSeconds: number;
}

/** tanium-content.schema.json says the same; Tanium keeps the answers of a posture sensor for a day. */
export const defaultPosture: PostureSource = { sensor: 'NPS Posture', maxAgeSeconds: 86_400 };

/**
 * How a fleet stands against its baselines. Its JSON form is `schemas/compliance.schema.json`. Every list is sorted, so
 * equal inputs give equal bytes.
 */
export interface Compliance {
  readonly version: 1;
  /** Digest of the configuration. */
  readonly config: string;
  readonly provider: string;
  /** What the report was narrowed to; null: to nothing. */
  readonly only: { readonly baseline: string | null; readonly device: string | null } | null;
  readonly scan: PostureScan;
  /** Devices that a baseline selects, each once. */
  readonly devices: DeviceCount;
  /** In the order of their names. */
  readonly baselines: readonly BaselineResult[];
  /** Over all of them. */
  readonly counts: VerdictCount;
  readonly score: number | null;
  readonly outcome: Outcome;
  readonly warnings: readonly string[];
}

/** One for all results: they are of one question. */
export interface PostureScan {
  readonly sensor: string;
  /** The server's clock, ISO 8601 to the second; null: nothing was asked. */
  readonly at: string | null;
  /** Seconds between `at` and this report. */
  readonly ageSeconds: number;
  /** How much older than `at` an answer may be, since the clients of Tanium keep theirs so long. */
  readonly maxAgeSeconds: number;
  /** Asked for this report, or taken from the store; `none`: why there is no answer is in `missing`. */
  readonly origin: 'asked' | 'stored' | 'none';
  readonly missing: string | null;
}

export interface DeviceCount {
  readonly selected: number;
  /** Of the selected ones, those whose posture is known. */
  readonly observed: number;
  /** By an `Exclusion`, or by `enforcement: ignore`; not among the selected. */
  readonly leftOut: number;
}

/** One count for each check of each device. */
export interface VerdictCount {
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
}

export interface BaselineResult {
  readonly baseline: string;
  readonly source: Source;
  readonly devices: DeviceCount;
  readonly counts: VerdictCount;
  /** Share of those that passed among those that passed or failed, in percent, never rounded up to 100; null: no data. */
  readonly score: number | null;
  /** In the order of the document. */
  readonly checks: readonly CheckResult[];
}

export interface CheckResult {
  readonly check: string;
  readonly path: string;
  readonly op: Demand['op'];
  /** What is demanded, a pattern as it was written; null: the operator compares with nothing. */
  readonly value: PostureValue | readonly PostureValue[] | null;
  readonly severity: Severity;
  readonly source: Source;
  /** Of devices. */
  readonly counts: VerdictCount;
  readonly score: number | null;
  /** By what was found, most devices first. */
  readonly failing: readonly Found[];
  readonly unknown: readonly Unknown[];
}

export interface Found {
  readonly found: PostureValue;
  /** Labels, sorted. */
  readonly devices: readonly string[];
}

export interface Unknown {
  readonly why: string;
  /** Labels, sorted. */
  readonly devices: readonly string[];
}

/** `no-data`: not one check has a verdict · `too-few`: fewer devices are observed than `Rollout.spec.minObserved` asks. */
export type Outcome = 'passed' | 'failed' | 'no-data' | 'too-few';

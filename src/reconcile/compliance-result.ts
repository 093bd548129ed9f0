/** What came of one check over all devices, and how such counts add up. */
import type { CheckResult, ComplianceCheck, Demand, Found, VerdictCount } from '../model/compliance.ts';
import type { PostureValue } from '../model/posture.ts';
import { compareText } from '../model/sid.ts';
import type { Judgement } from './compliance-check.ts';
import type { PostureDevice } from './compliance-devices.ts';

/** Of each class, what came of the check at this place. */
export function partsOf(
  classes: readonly { readonly devices: readonly PostureDevice[]; readonly judgements: readonly Judgement[] }[],
  index: number,
): Part[] {
  return classes.flatMap(({ devices, judgements }) => {
    const judgement = judgements[index];
    return judgement === undefined ? [] : [{ devices, judgement }];
  });
}

/** Of one class, what came of one check. */
export interface Part {
  readonly devices: readonly PostureDevice[];
  readonly judgement: Judgement;
}

export interface Told {
  /** Why nothing is known of any device; null: something is. */
  readonly missing: string | null;
  readonly labels: readonly string[];
}

export function checkResult(check: ComplianceCheck, parts: readonly Part[], { missing, labels }: Told): CheckResult {
  const counts = { passed: 0, failed: 0, unknown: 0 };
  const failing = new Map<PostureValue, (readonly PostureDevice[])[]>();
  const unknowns = new Map<string, (readonly PostureDevice[])[]>();
  for (const { devices, judgement } of parts) {
    counts[judgement.verdict] += devices.length;
    if (judgement.verdict === 'failed') put(failing, judgement.found, devices);
    if (judgement.verdict === 'unknown') put(unknowns, missing ?? judgement.why, devices);
  }
  return {
    check: check.id,
    path: check.path,
    op: check.demand.op,
    value: demanded(check.demand),
    severity: check.severity,
    source: check.source,
    counts,
    score: scoreOf(counts),
    failing: [...failing]
      .map(([found, lists]): Found => ({ found, devices: labelsOf(lists, labels) }))
      .toSorted((a, b) => b.devices.length - a.devices.length || compareText(String(a.found), String(b.found))),
    unknown: [...unknowns]
      .map(([why, lists]) => ({ why, devices: labelsOf(lists, labels) }))
      .toSorted((a, b) => b.devices.length - a.devices.length || compareText(a.why, b.why)),
  };
}

function put<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const known = lists.get(key);
  if (known) known.push(value);
  else lists.set(key, [value]);
}

function labelsOf(lists: readonly (readonly PostureDevice[])[], labels: readonly string[]): string[] {
  const ranks = Uint32Array.from(lists.flatMap((devices) => devices.map(({ rank }) => rank)));
  // Those of one class are in order.
  if (lists.length > 1) ranks.sort();
  return Array.from(ranks, (rank) => labels[rank] ?? '');
}

/** What a demand compares with, a pattern as it was written; null: with nothing. */
export function demanded(demand: Demand): CheckResult['value'] {
  switch (demand.op) {
    case 'exists':
    case 'notExists':
      return null;
    case 'matches':
      return demand.pattern.source;
    case 'in':
    case 'notIn':
      return demand.values;
    default:
      return demand.value;
  }
}

export function sumOf(counts: readonly VerdictCount[]): VerdictCount {
  const sum = { passed: 0, failed: 0, unknown: 0 };
  for (const { passed, failed, unknown: open } of counts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.unknown += open;
  }
  return sum;
}

/** To a tenth, rounded down: 100 says that nothing failed. */
export function scoreOf({ passed, failed }: VerdictCount): number | null {
  return passed + failed === 0 ? null : Math.floor((1000 * passed) / (passed + failed)) / 10;
}

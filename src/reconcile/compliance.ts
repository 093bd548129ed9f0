/**
 * From postures to a report on the baselines. Pure. A check is done once per class of devices with the same answer, and
 * what it found is counted for all of them.
 */
import type {
  BaselinePolicy,
  BaselineResult,
  CheckResult,
  Compliance,
  ComplianceCheck,
  Demand,
  DeviceCount,
  Found,
  Outcome,
  PostureScan,
  VerdictCount,
} from '../model/compliance.ts';
import { complianceSubject, subjectKey } from '../model/drift.ts';
import type { PostureValue } from '../model/posture.ts';
import { compareText } from '../model/sid.ts';
import { type Judgement, judge, unknown } from './compliance-check.ts';
import { type ComplianceInput, type PostureClass, type PostureClasses, postureClasses } from './compliance-devices.ts';

export interface Complied {
  readonly report: Compliance;
  readonly findings: ComplianceFindings;
}

/** What the look found device by device, for the drift ledger. */
export interface ComplianceFindings {
  /** By Computer ID, of devices that a baseline selects; equal devices share their checks. */
  readonly devices: ReadonlyMap<string, CheckedDevice>;
  /** `subjectKey` of every check that is declared. */
  readonly declared: ReadonlySet<string>;
}

export interface CheckedDevice {
  readonly label: string;
  /** By `subjectKey`. */
  readonly checks: ReadonlyMap<string, Checked>;
}

export interface Checked {
  readonly baseline: string;
  readonly check: ComplianceCheck;
  readonly judgement: Judgement;
}

/** Throws what `postureClasses` throws. */
export function comply(input: ComplianceInput, scan: PostureScan): Complied {
  const selected = postureClasses(input);
  const judged = selected.classes.map(judgedClass);
  const results = selected.baselines.map((baseline) => resultOf(baseline, judged, selected, scan));
  // Of one device, what is not about it would be in the way.
  const baselines = results.filter(({ devices: own }) => selected.device === null || own.selected > 0);
  const counts = sumOf(baselines.map((one) => one.counts));
  const devices = { ...devicesIn(judged), ...selected.devices };
  const { only } = input;
  const report: Compliance = {
    version: 1,
    config: input.desired.digest,
    provider: input.provider.name,
    only: only.baseline === null && only.device === null ? null : { ...only, device: selected.device },
    scan,
    devices,
    baselines,
    counts,
    score: scoreOf(counts),
    outcome: outcomeOf(counts, devices, input.desired.rollout.minObserved.percent),
    // Nobody can tell whom a baseline selects, where nobody was asked.
    warnings: scan.missing === null ? warningsOf(baselines, selected) : [],
  };
  return { report, findings: findingsOf(judged, selected.baselines) };
}

interface JudgedClass extends PostureClass {
  /** In the order of `baselines`, and in each of its checks. */
  readonly judgements: readonly (readonly Judgement[])[];
}

function judgedClass(one: PostureClass): JudgedClass {
  const { posture, baselines } = one;
  const judgements = baselines.map(({ checks }) =>
    checks.map(({ demand, path }) =>
      posture.values === null ? unknown(posture.why) : judge(demand, valueAt(posture.values, path)),
    ),
  );
  return { ...one, judgements };
}

function valueAt(values: Readonly<Record<string, PostureValue>>, path: string): PostureValue | undefined {
  return Object.hasOwn(values, path) ? values[path] : undefined;
}

function devicesIn(classes: readonly JudgedClass[]): Pick<DeviceCount, 'selected' | 'observed'> {
  let [selected, observed] = [0, 0];
  for (const { devices, posture } of classes) {
    selected += devices.length;
    if (posture.values !== null) observed += devices.length;
  }
  return { selected, observed };
}

function resultOf(
  baseline: BaselinePolicy,
  classes: readonly JudgedClass[],
  { leftOut, labels }: PostureClasses,
  { missing }: PostureScan,
): BaselineResult {
  const mine = classes.filter((one) => one.baselines.includes(baseline));
  const own = mine.map((one) => ({ ...one, judgements: one.judgements[one.baselines.indexOf(baseline)] ?? [] }));
  const checks = baseline.checks.map((check, index) => checkResult(check, partsOf(own, index), { missing, labels }));
  const counts = sumOf(checks.map((one) => one.counts));
  return {
    baseline: baseline.ref.name,
    source: baseline.ref.source,
    devices: { ...devicesIn(mine), leftOut: leftOut.get(baseline) ?? 0 },
    counts,
    score: scoreOf(counts),
    checks,
  };
}

function partsOf(
  classes: readonly { readonly devices: Part['devices']; readonly judgements: readonly Judgement[] }[],
  index: number,
): Part[] {
  return classes.flatMap(({ devices, judgements }) => {
    const judgement = judgements[index];
    return judgement === undefined ? [] : [{ devices, judgement }];
  });
}

/** Of one class, what came of one check. */
interface Part {
  readonly devices: PostureClass['devices'];
  readonly judgement: Judgement;
}

interface Told {
  /** Why nothing is known of any device; null: something is. */
  readonly missing: string | null;
  readonly labels: readonly string[];
}

function checkResult(check: ComplianceCheck, parts: readonly Part[], { missing, labels }: Told): CheckResult {
  const counts = { passed: 0, failed: 0, unknown: 0 };
  const failing = new Map<PostureValue, Part['devices'][]>();
  const unknowns = new Map<string, Part['devices'][]>();
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

function labelsOf(lists: readonly PostureClass['devices'][], labels: readonly string[]): string[] {
  const ranks = Uint32Array.from(lists.flatMap((devices) => devices.map(({ rank }) => rank)));
  // Those of one class are in order.
  if (lists.length > 1) ranks.sort();
  return Array.from(ranks, (rank) => labels[rank] ?? '');
}

function demanded(demand: Demand): CheckResult['value'] {
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

function sumOf(counts: readonly VerdictCount[]): VerdictCount {
  const sum = { passed: 0, failed: 0, unknown: 0 };
  for (const { passed, failed, unknown: open } of counts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.unknown += open;
  }
  return sum;
}

/** To a tenth, rounded down: 100 says that nothing failed. */
function scoreOf({ passed, failed }: VerdictCount): number | null {
  return passed + failed === 0 ? null : Math.floor((1000 * passed) / (passed + failed)) / 10;
}

function outcomeOf({ passed, failed }: VerdictCount, { selected, observed }: DeviceCount, percent: number): Outcome {
  if (passed + failed === 0) return 'no-data';
  if (observed * 100 < percent * selected) return 'too-few';
  return failed > 0 ? 'failed' : 'passed';
}

function warningsOf(
  baselines: readonly BaselineResult[],
  { baselines: declared, unmatched, device }: PostureClasses,
): string[] {
  const warnings: string[] = [];
  if (declared.length === 0) warnings.push('No ComplianceBaseline is declared.');
  else if (baselines.length === 0) warnings.push('No baseline selects this device, or it is left out.');
  for (const { baseline, devices } of baselines) {
    if (devices.selected > 0) continue;
    const others = devices.leftOut === 0 ? '' : ' that is not left out';
    warnings.push(`${baseline} selects no device${others}.`);
  }
  if (unmatched > 0 && device === null) {
    const are =
      unmatched === 1
        ? '1 device that Tanium knows and NPS-D does not is'
        : `${unmatched} devices that Tanium knows and NPS-D does not are`;
    warnings.push(`${are} left out.`);
  }
  return warnings;
}

function findingsOf(classes: readonly JudgedClass[], declared: readonly BaselinePolicy[]): ComplianceFindings {
  const found = new Map<string, CheckedDevice>();
  for (const { baselines, judgements, devices } of classes) {
    const checks = new Map<string, Checked>();
    for (const [index, baseline] of baselines.entries()) {
      for (const [at, check] of baseline.checks.entries()) {
        const judgement = judgements[index]?.[at];
        if (judgement === undefined) continue;
        checks.set(keyOf(baseline, check), { baseline: baseline.ref.name, check, judgement });
      }
    }
    for (const { computerId, label } of devices) if (computerId !== null) found.set(computerId, { label, checks });
  }
  const keys = declared.flatMap((baseline) => baseline.checks.map((check) => keyOf(baseline, check)));
  return { devices: found, declared: new Set(keys) };
}

function keyOf({ ref }: BaselinePolicy, { id }: ComplianceCheck): string {
  return subjectKey('compliance.check', complianceSubject(ref.name, id));
}

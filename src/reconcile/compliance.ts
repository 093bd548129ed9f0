/**
 * From postures to a report on the baselines. Pure. A check is done once per class of devices with the same answer, and
 * what it found is counted for all of them.
 */
import type {
  BaselinePolicy,
  BaselineResult,
  Compliance,
  ComplianceCheck,
  DeviceCount,
  Outcome,
  PostureScan,
  VerdictCount,
} from '../model/compliance.ts';
import { complianceSubject, subjectKey } from '../model/drift.ts';
import type { PostureValue } from '../model/posture.ts';
import { type Judgement, judge, unknown } from './compliance-check.ts';
import { type ComplianceInput, type PostureClass, type PostureClasses, postureClasses } from './compliance-devices.ts';
import { checkResult, partsOf, scoreOf, sumOf } from './compliance-result.ts';

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

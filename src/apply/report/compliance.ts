/** Each check of each device, from the posture that is stored, or from one question where that is too old. */
import type { CheckRow, Report, ReportedScan } from '../../model/report.ts';
import { compareText } from '../../model/sid.ts';
import type { CheckedDevice, ComplianceFindings } from '../../reconcile/compliance.ts';
import { demanded } from '../../reconcile/compliance-result.ts';
import { lookAtCompliance } from '../compliance.ts';
import type { SurveyContext } from '../survey.ts';

/** Throws what `lookAtCompliance` throws. */
export async function reportCompliance(context: SurveyContext): Promise<Report<'compliance'>> {
  const { desired, provider, clock, signal } = context;
  const { report, findings, posture } = await lookAtCompliance(context, { baseline: null, device: null, fresh: false });
  const { at, ageSeconds, missing } = report.scan;
  const { expected, devices } = posture.observation;
  const scan: ReportedScan | null = at === null ? null : { at, ageSeconds, expected, answered: devices.length };
  return {
    head: {
      report: 'compliance',
      config: desired.digest,
      provider: provider.name,
      at: clock.now(),
      scan,
      warnings: [...(missing === null ? [] : [`No data: ${missing}.`]), ...report.warnings],
    },
    rows: rowsOf(findings, signal),
  };
}

async function* rowsOf({ devices }: ComplianceFindings, signal: AbortSignal): AsyncGenerator<CheckRow> {
  for (const [computerId, device] of [...devices].toSorted(([, a], [, b]) => compareText(a.label, b.label))) {
    signal.throwIfAborted();
    yield* rowsOfDevice(computerId, device);
  }
}

function* rowsOfDevice(computerId: string, { label, checks }: CheckedDevice): Generator<CheckRow> {
  for (const { baseline, check, judgement } of checks.values()) {
    yield {
      device: label,
      computerId,
      baseline,
      check: check.id,
      path: check.path,
      op: check.demand.op,
      value: demanded(check.demand),
      severity: check.severity,
      verdict: judgement.verdict,
      found: judgement.verdict === 'failed' ? judgement.found : null,
      why: judgement.verdict === 'unknown' ? judgement.why : null,
      source: check.source,
    };
  }
}

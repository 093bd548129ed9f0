/** The scan at the begin of a cycle; it does not throw, and whatever becomes of it, the cycle goes on. */
import type { ScanContext } from '../apply/scan/context.ts';
import { type ScanStep, scanStep } from '../apply/scan/step.ts';
import { briefOf, type ErrorBrief } from '../errors.ts';
import type { Outcome, VerdictCount } from '../model/compliance.ts';
import type { ScanRun, ScanStatus, ScanTotals } from '../model/scan.ts';

/** What the line of a cycle says of its scan. */
export interface CycleScan {
  /** Null: bulk scans are not enabled. */
  readonly bulk: CycleScanPart | null;
  /** Null: nobody waited in the queue. */
  readonly queue: CycleScanPart | null;
  /** Null: no baseline is declared. */
  readonly compliance: CycleCompliance | null;
  /** What ended it early; null: nothing did. */
  readonly error: ErrorBrief | null;
}

export interface CycleCompliance extends VerdictCount {
  readonly outcome: Outcome;
  /** In percent; null: no data. */
  readonly score: number | null;
  /** Checks of devices that fail since this cycle, and that do no more. */
  readonly opened: number;
  readonly resolved: number;
}

export interface CycleScanPart extends ScanTotals {
  readonly run: string;
  readonly status: ScanStatus;
  readonly seconds: number;
}

/** Null: the integration is off, and nothing is asked. */
export async function scanInCycle(context: ScanContext): Promise<CycleScan | null> {
  let step: ScanStep;
  try {
    step = await scanStep(context, { what: 'cycle', collectNow: false });
  } catch (error) {
    const brief = briefOf(error);
    return brief.code === 'TRUEUP_PROVIDER_OFF' ? null : { bulk: null, queue: null, compliance: null, error: brief };
  }
  const { bulk, queue, compliance } = step;
  return {
    bulk: bulk === null ? null : partOf(bulk.run),
    queue: queue === null ? null : partOf(queue.run),
    compliance: complianceOf(compliance),
    error: null,
  };
}

function complianceOf(step: ScanStep['compliance']): CycleCompliance | null {
  if (step === null || step.report === null) return null;
  const { report, opened, resolved } = step;
  const { outcome, score, counts } = report;
  return { outcome, score, ...counts, opened, resolved };
}

function partOf({ id, status, durationSeconds, totals }: ScanRun): CycleScanPart {
  return { run: id, status, ...totals, seconds: Math.round(durationSeconds * 10) / 10 };
}

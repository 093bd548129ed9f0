import type { Outcome } from '../model/compliance.ts';
import { quietGuards } from '../model/guard.ts';
import type { Plan } from '../model/plan.ts';
import type { ScanReport } from '../model/scan-report.ts';

/** 0 converged · 2 changes pending or held · 3 over budget · 4 too few devices observed (1-product.md). */
export function exitCodeOf(plan: Plan): 0 | 2 | 3 | 4 {
  if (plan.refusal?.kind === 'budget') return 3;
  if (plan.refusal?.kind === 'too-few-observed') return 4;
  const loud = plan.held.some((held) => !quietGuards.has(held.guard));
  return plan.changes.length > 0 || plan.pending.length > 0 || loud ? 2 : 0;
}

/** 0 no check fails · 2 some do · 4 too few devices observed, or no verdict at all: then nobody can tell. */
export function complianceExitCode(outcome: Outcome): 0 | 2 | 4 {
  if (outcome === 'no-data' || outcome === 'too-few') return 4;
  return outcome === 'failed' ? 2 : 0;
}

/**
 * 4 a group had no time to answer, or nobody answered at all · 6 some devices failed, or the one that was asked for was not scanned · 0 all that can
 * be reached were scanned: that a device is off, or lacks what a scan needs, is no fault of the scan.
 */
export function scanExitCode({
  status,
  answered,
  failed,
  skipped,
  device,
}: Pick<ScanReport, 'status' | 'answered' | 'failed' | 'skipped' | 'device'>): 0 | 4 | 6 {
  if (device !== null) return device.failure === null ? 0 : 6;
  if (status === 'timeout' || answered === 0) return 4;
  return failed > skipped ? 6 : 0;
}

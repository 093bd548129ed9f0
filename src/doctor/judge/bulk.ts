/** The bulk scan: the group by its name, who is in it, and who of them is on record (#69, #122–#125, #166). */
import type { Check } from '../../model/doctor.ts';
import type { IntegrationOptions } from '../../model/options.ts';
import type { Recorded } from '../../model/recorded.ts';
import type { ScanRun, ScanTotals } from '../../model/scan.ts';
import { emptyHanded, mismatchOf } from '../../reconcile/scan-mismatch.ts';
import type { Seen } from '../context.ts';
import { missed } from './cause.ts';
import { count, fail, info, ok, skipped, warn } from './check.ts';
import { rangeWords } from './sensor.ts';

export interface GroupLook {
  /** Machines of the group that Tanium counts. */
  readonly members: number;
  /** Computers on record that are to be scanned. */
  readonly due: number;
  readonly totals: Omit<ScanTotals, 'updated'>;
}

const remedies = {
  empty: 'Mend the filter of the group in Tanium, or see why its devices are offline.',
  windows: 'Mend the filter of the group in Tanium: it should hold Windows devices.',
  records: {
    embedded: 'Declare a ComputerPolicy with `enroll: true` and `scan: Enabled`, and apply.',
    npsd: 'Set Scan and EDR Integration of the computers in NPS-D, or declare them in a ComputerPolicy.',
  },
  matched: 'Name the group that holds the devices of NPS-D in options.bulk_scan_group.',
} as const;

/** Row 6: `Multiple devices updated`. */
export function judgeBulk(
  options: IntegrationOptions,
  owner: Recorded['owner'],
  group: Seen<GroupLook>,
): readonly Check[] {
  const id = 'row.bulk-scan';
  if (!options.bulk_scan_enabled) {
    return [
      skipped(id, 'bulk_scan_enabled is false', 'Set options.bulk_scan_enabled, and apply, to scan the group at once.'),
    ];
  }
  if (group.kind === 'error' && group.error.code === 'TRUEUP_SCAN_TIMEOUT') {
    const message = `${group.error.message} bulk_scan_timeout_seconds is ${options.bulk_scan_timeout_seconds}.`;
    return [fail(id, message, 'Raise options.bulk_scan_timeout_seconds.')];
  }
  if (group.kind !== 'got') return [missed(id, group)];
  const { members, due, totals } = group.value;
  const { targeted, completed, failed, unmatched, missing } = totals;
  const name = options.bulk_scan_group;
  const nobody = emptyHanded(name, owner, { members, targeted, due, answered: completed + failed });
  if (nobody !== null) {
    const remedy =
      members === 0
        ? remedies.empty
        : targeted === 0
          ? remedies.windows
          : due === 0
            ? remedies.records[owner]
            : remedies.matched;
    return [fail(id, `No device would be updated: ${nobody} (expected: Multiple devices updated).`, remedy)];
  }
  const answer = `Multiple devices updated: a bulk scan of ${JSON.stringify(name)} updates ${count(completed, 'computer')} of ${due}`;
  const row = failed === 0 ? ok(id, `${answer}.`) : info(id, `${answer}; ${failed} answer without an inventory.`);
  return [row, judgeMismatch(targeted, unmatched, missing, due)];
}

function judgeMismatch(targeted: number, extra: number, missing: number, due: number): Check {
  const id = 'bulk.mismatch';
  const { extraPercent, level, advice } = mismatchOf(targeted, extra, missing, due);
  const percent = extraPercent === null ? '' : ` (${extraPercent.toFixed(2)} %)`;
  const message = `${extra} of ${count(targeted, 'Windows device')} of the group${percent} are not on record, and ${count(missing, 'computer')} on record are not in the group.`;
  return level === 'warn' ? warn(id, message, advice ?? 'Load the devices into the records.') : ok(id, message);
}

/** How the last one went: a timeout is told with what it was given (#167). */
export function judgeLastBulk(options: IntegrationOptions, runs: Seen<readonly ScanRun[]>): Check {
  const id = 'bulk.last-run';
  if (runs.kind !== 'got') return missed(id, runs);
  const last = runs.value.find(({ kind }) => kind === 'bulk');
  if (last === undefined) return info(id, 'No bulk scan is on record.');
  const when = last.startedAt.slice(0, 16).replace('T', ' ');
  const message = `The bulk scan of ${when}Z ended as ${last.status}: ${last.totals.updated} updated, ${last.totals.fallback} left to be scanned one by one.`;
  if (last.status === 'timeout') {
    const limits = `bulk_scan_timeout_seconds is ${options.bulk_scan_timeout_seconds}; ${rangeWords(options, 'action_timeout_seconds')}`;
    return warn(id, `${message} ${limits}`, 'Raise options.bulk_scan_timeout_seconds, or make the group smaller.');
  }
  if (last.status === 'failed') {
    return warn(id, `${message} ${last.errors[0] ?? ''}`.trim(), 'Run `trueup scan --bulk` to see whether it goes on.');
  }
  return ok(id, message);
}

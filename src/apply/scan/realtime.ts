/**
 * One computer in real time, as the seed's standard flow has it: question → temporary group → one action → status →
 * action log → parse. It answers a result and keeps nothing (npsd-domain.md items 14–18, 111).
 */

import { encodeCommands } from '../../endpoint/encode.ts';
import { parseInventory } from '../../endpoint/inventory.ts';
import { asciiJson } from '../../endpoint/json.ts';
import type { DecodedReports } from '../../endpoint/report.ts';
import type { LocatedMachine, ResolvedRoute } from '../../fleet-ports.ts';
import type { IntegrationOptions } from '../../model/options.ts';
import { conflictOf } from '../../reconcile/match.ts';
import type { ScannedComputer } from '../../reconcile/scan-due.ts';
import { unreadinessOf } from '../../reconcile/scan-readiness.ts';
import { routeOf } from '../execute.ts';
import { issueOnce, outputOf, waitFor } from '../one-action.ts';
import { identityOf } from '../outcome.ts';
import { assertEnabled } from '../survey.ts';
import { silenceOf } from './absent.ts';
import type { ScanContext } from './context.ts';
import { rawOutput } from './raw-output.ts';
import { readingOf, type ScanFailure, type ScanResult } from './result.ts';

export interface RealTimeScan {
  readonly result: ScanResult;
  /** ISO time of the server's clock; null: nothing was asked, or nobody answered. */
  readonly at: string | null;
  readonly actionId: string | null;
  /** What could not be read, cut and without secrets; null: all of it could. */
  readonly raw: string | null;
}

/** The route of the actions, found when the first one is to be made: without any, no package need be there (#54). */
export function routeOnce(context: ScanContext, options: IntegrationOptions): () => Promise<ResolvedRoute> {
  let route: Promise<ResolvedRoute> | null = null;
  return () => {
    route ??= context.actions.route(routeOf(options), context.signal);
    return route;
  };
}

const inventoryAction = 'General.Inventory';
/** A registered client answers within seconds; one that does not is not waited for as for an action. */
const locateSeconds = 120;

export async function scanInRealTime(
  context: ScanContext,
  run: string,
  { record, computerId }: { readonly record: ScannedComputer; readonly computerId: string },
  options: IntegrationOptions,
  route: () => Promise<ResolvedRoute>,
): Promise<RealTimeScan> {
  const { clock, scanner, signal } = context;
  const began = Date.parse(clock.now());
  const ended = (failure: ScanFailure | null, message: string, more: Partial<RealTimeScan> = {}): RealTimeScan => {
    const duration = Math.max(0, Date.parse(clock.now()) - began) / 1000;
    const result = { record, source: 'realtime', failure, message, duration, answer: null } as const;
    return { result, at: null, actionId: null, raw: null, ...more };
  };
  const timeoutSeconds = Math.min(locateSeconds, options.action_timeout_seconds);
  const question = { sensor: options.sensor_name, maxAgeSeconds: null, timeoutSeconds, signal };
  const machine = await scanner.locate(computerId, question);
  if (machine === null) {
    const { failure, message } = silenceOf(record, clock.now());
    return ended(failure, message);
  }
  const { row, at } = machine;
  const conflict = conflictOf(record, row);
  if (conflict !== null) return ended('identity', conflict, { at });
  const unready = unreadinessOf({ os: row.os, text: parseInventory(row.text) });
  if (unready !== null) return ended(unready.why, `skipped: ${unready.message}`, { at });

  const actionId = await issueScan(context, run, machine, options, await route());
  const state = await waitFor(context, actionId, computerId, options);
  if (state !== 'completed' && state !== 'failed') {
    const seconds = options.action_timeout_seconds;
    return ended('action-timeout', `action ${actionId} did not end within ${seconds} s`, { at, actionId });
  }
  const { decoded, lines } = await outputOf(context, actionId, computerId);
  const unread = (failure: ScanFailure, message: string): RealTimeScan =>
    ended(failure, message, { at, actionId, raw: rawOutput(lines) });
  const identity = identityOf(decoded.reports, { name: record.name, machineSid: record.machineSid });
  if (identity.conflict !== null) return ended('identity', identity.conflict, { at, actionId });
  const [report, second] = decoded.reports;
  if (report === undefined || second !== undefined) return unread('no-report', noReport(decoded, actionId));
  if (report.status !== 'ok' || report.data === null) {
    const why = report.error?.message ?? `the script reports ${report.status}`;
    return ended('action-failed', why, { at, actionId });
  }
  if ((report.meta?.action ?? inventoryAction) !== inventoryAction) {
    return unread('no-report', `the output of action ${actionId} is of ${report.meta?.action}`);
  }
  // As the sensor would have answered it, so that both share a text in the store.
  const text = asciiJson(report.data);
  const reading = readingOf(text);
  if (reading.kind !== 'inventory') return unread('malformed', `the report holds no inventory: ${reading.message}`);
  const { administrators } = reading;
  const done = ended(null, 'scanned in real time', { at, actionId });
  const answer = { row: { ...row, text }, administrators, machineSid: identity.machineSid };
  return { ...done, result: { ...done.result, answer } };
}

function noReport({ reports, expected, conflicting }: DecodedReports, actionId: string): string {
  if (conflicting.length > 0) return `two reports of action ${actionId} contradict each other`;
  if (reports.length > 1 || (expected ?? 1) > 1) return `the output of action ${actionId} is of another one`;
  return `the output of action ${actionId} holds no report`;
}

/** The inventory changes nothing, so that an action which nobody adopts does no harm. */
async function issueScan(
  context: ScanContext,
  run: string,
  { row, groupId }: LocatedMachine,
  options: IntegrationOptions,
  route: ResolvedRoute,
): Promise<string> {
  await context.assertHeld();
  await assertEnabled(context);
  return issueOnce(context, route, {
    name: `Trueup scan ${run} ${row.computerId}`,
    comment: `scan ${run}`,
    encodedCommand: encodeCommands([{ target: 'General', action: 'Inventory', parameters: {} }]),
    computerIds: [row.computerId],
    groupId,
    expireSeconds: options.action_timeout_seconds,
  });
}

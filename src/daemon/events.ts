/** What is worth waking somebody for: told once when it begins, and where it can end, once when it ends. */

import { briefOf, type ErrorBrief, isInterruption } from '../errors.ts';
import type { GateResult } from '../model/apply.ts';
import type { DriftRecord } from '../model/drift.ts';
import { quietGuards } from '../model/guard.ts';
import type { HeldChange } from '../model/plan.ts';
import type { CycleOutcome } from './report.ts';
import type { CycleCompliance } from './scan.ts';

export interface DaemonEvent {
  readonly event:
    | 'drift'
    | 'compliance'
    | 'guard'
    | 'gate'
    | 'failure'
    | 'refused'
    | 'lost-contact'
    | 'contact-regained'
    | 'config-broken'
    | 'config-mended';
  readonly at: string;
  readonly provider: string;
  readonly cycle: number;
  readonly run: string | null;
  /** One sentence. */
  readonly message: string;
  /** How many items there are; `items` shows the first of them. */
  readonly count: number;
  readonly items: readonly unknown[];
}

/** What has been told already. */
export interface Told {
  readonly held: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
  readonly refusal: string | null;
  readonly lost: string | null;
  readonly config: string | null;
}

export const toldNothing: Told = { held: new Set(), failed: new Set(), refusal: null, lost: null, config: null };

export interface Happening {
  readonly at: string;
  readonly provider: string;
  readonly cycle: number;
  readonly outcome: CycleOutcome;
  /** Of the scan before it; left out: there was none. */
  readonly compliance?: CycleCompliance | null;
  readonly configProblem: ErrorBrief | null;
}

const shownItems = 100;

/** Errors that say that Tanium or the store is out of reach; others are failures of the cycle. */
const lostContact: ReadonlySet<string> = new Set([
  'TRUEUP_TANIUM_UNREACHABLE',
  'TRUEUP_TANIUM_TLS',
  'TRUEUP_TANIUM_PROXY',
  'TRUEUP_TANIUM_UNAUTHORIZED',
  'TRUEUP_TANIUM_FORBIDDEN',
  'TRUEUP_TANIUM_BUSY',
  'TRUEUP_TANIUM_SERVER',
  'TRUEUP_TANIUM_PROTOCOL',
  'TRUEUP_SCAN_TIMEOUT',
  'TRUEUP_STORE_UNREACHABLE',
]);

export function eventsOf(
  happening: Happening,
  told: Told,
): { readonly events: readonly DaemonEvent[]; readonly told: Told } {
  const events: DaemonEvent[] = [];
  const tell = (event: DaemonEvent['event'], message: string, items: readonly unknown[] = []): void => {
    const { at, provider, cycle, outcome } = happening;
    const count = Math.max(1, items.length);
    events.push({ event, at, provider, cycle, run: outcome.run, message, count, items: items.slice(0, shownItems) });
  };
  const { outcome, configProblem, compliance } = happening;
  if (compliance && compliance.opened > 0) tell('compliance', complianceWords(compliance), [compliance]);
  const config = configTold(configProblem, told.config, tell);
  if (isInterruption(outcome.error)) return { events, told: { ...told, config } };
  if (outcome.error !== null)
    return { events, told: { ...told, config, lost: errorTold(outcome.error, told.lost, tell) } };
  if (told.lost !== null) tell('contact-regained', 'The cycle came to its end again.');

  const { opened } = outcome.drift;
  if (opened.length > 0) tell('drift', `${counted(opened.length, 'difference')} found.`, opened.map(driftItem));
  const held = (outcome.plan?.held ?? []).filter(({ guard }) => !quietGuards.has(guard));
  const news = held.filter((one) => !told.held.has(heldKey(one)));
  if (news.length > 0)
    tell('guard', `${counted(news.length, 'change')} newly held back by a guard.`, news.map(heldItem));
  const failed = outcome.result?.failed ?? [];
  const failing = failed.filter(({ device, code }) => !told.failed.has(`${device} ${code}`));
  if (failing.length > 0) tell('failure', `${counted(failing.length, 'device')} failed.`, failing);
  const gate = outcome.result?.gates?.find(({ passed }) => !passed);
  if (gate !== undefined) tell('gate', gateWords(gate), [gate]);
  const refusal = outcome.plan?.refusal?.message ?? outcome.result?.stopped?.message ?? null;
  if (refusal !== null && refusal !== told.refusal) tell('refused', refusal);
  return {
    events,
    told: {
      held: new Set(held.map(heldKey)),
      failed: new Set(failed.map(({ device, code }) => `${device} ${code}`)),
      refusal,
      lost: null,
      config,
    },
  };
}

type Tell = (event: DaemonEvent['event'], message: string, items?: readonly unknown[]) => void;

function configTold(problem: ErrorBrief | null, told: string | null, tell: Tell): string | null {
  if (problem === null) {
    if (told !== null) tell('config-mended', 'The configuration is valid again and in force.');
    return null;
  }
  if (problem.message !== told) {
    tell('config-broken', 'The configuration on the disk is broken; the last good one stays in force.', [problem]);
  }
  return problem.message;
}

function errorTold(error: unknown, told: string | null, tell: Tell): string {
  const problem = briefOf(error);
  const event = lostContact.has(problem.code) ? 'lost-contact' : 'failure';
  if (problem.code !== told) tell(event, problem.message, [problem]);
  return problem.code;
}

function driftItem({ device, policy, kind, subject, state, cause, actor }: DriftRecord): object {
  return { device, policy, kind, subject, state, cause, actor };
}

function heldItem({ guard, message, release, policy, kind, subject, devices }: HeldChange): object {
  return { guard, message, release, policy, kind, subject, devices: devices.slice(0, shownItems) };
}

/** Told once by itself: the cycles after it send nothing. */
function gateWords({ name, healthy, devices, percent }: GateResult): string {
  const seen = `${healthy} of ${counted(devices, 'device')} healthy, and ${percent} % must be`;
  return `The gate of wave ${name} failed: ${seen}. Nothing more is sent until somebody applies or the configuration changes.`;
}

/** The records are in the ledger: there may be very many. */
function complianceWords({ opened, score }: CycleCompliance): string {
  const share = score === null ? '' : `; ${score} % of all pass`;
  return `${counted(opened, 'check')} of devices ${opened === 1 ? 'fails' : 'fail'} since this cycle${share}.`;
}

function heldKey({ guard, message, policy, kind, subject, devices }: HeldChange): string {
  return JSON.stringify([guard, message, policy, kind, subject, devices]);
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}

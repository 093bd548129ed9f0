/**
 * From two states to a plan. Pure: no clock, no randomness, no input or output; equal inputs give equal bytes, in
 * whatever order they come.
 *
 * observe → scope → diff → attribute → guard → stage → waves → batch → budget → assemble, each in its own file. From `scope` on
 * the work is done once per class of equal devices.
 */
import type { AttributionRead } from '../model/attribution.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import type { Observation } from '../model/observed.ts';
import type { Operation } from '../model/operation.ts';
import type { Allowance, AskedPasswords, Only, Plan, PlanScan } from '../model/plan.ts';
import type { Recorded } from '../model/recorded.ts';
import { allowancesOf, setAsideIn } from './allow.ts';
import { assemble, type Judged } from './assemble.ts';
import { attributesOf, type Labels, refuseUnknowable } from './attributes.ts';
import { batch, type Row } from './batch.ts';
import { budgetsOf, refusalOf, spendingOf } from './budget.ts';
import { compareClasses } from './compare.ts';
import { type ContentJudgement, contentWarnings } from './content.ts';
import { emptiedIn } from './emptied.ts';
import type { Findings } from './findings.ts';
import { longestRead } from './log-read.ts';
import { theseMembers } from './members.ts';
import { namesIn } from './names.ts';
import { findingsOf } from './note.ts';
import { devicesOf } from './observe.ts';
import { limitsOf } from './only.ts';
import { pauseAt } from './pause.ts';
import { policiesOf, type Selected } from './policy.ts';
import { diffProvider, isOff, turnsOn } from './provider-records.ts';
import { rolloutOf } from './rollout.ts';
import { type Scope, scopeOf } from './scope.ts';
import type { Room } from './split.ts';
import { changesDevice, type Hold } from './wanted.ts';

export interface ReconcileInput {
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  readonly recorded: Recorded;
  readonly observation: Observation;
  /** Null, and left out: nobody looked at Tanium's content. */
  readonly content?: ContentJudgement | null;
  /** By computer name, full or short, in lower case. */
  readonly labels: Labels;
  readonly only: Only | null;
  /** Null: the plan is of everything that is declared, and of no password that is not due. */
  readonly rotate: AskedPasswords | null;
  /** Computer IDs of devices that have been asked for that in this run already: none of theirs is due for it. */
  readonly rotated?: ReadonlySet<string>;
  /** Guards to be set aside, with the devices under any of their names. */
  readonly allow: readonly Allowance[];
  /** Waves that somebody releases, each by its name or number. */
  readonly approve: readonly string[];
  /** By Computer ID: the waves of a plan that was agreed on; another device may be placed anew. */
  readonly placed: ReadonlyMap<string, number>;
  /** Whether somebody sees the plan before it is carried out; else a gate that failed holds it. */
  readonly attended: boolean;
  /** ISO time in UTC. */
  readonly now: string;
  /** Characters of these operations as the package's parameter, after a read of the log or without; and the most of them. */
  readonly encodedLength: (operations: readonly Operation[], read: AttributionRead | null) => number;
  readonly maxEncodedLength: number;
}

export interface Reconciliation {
  readonly plan: Plan;
  readonly findings: Findings;
}

/**
 * Throws TRUEUP_SELECTOR_UNKNOWN, TRUEUP_NAME_UNRESOLVED, TRUEUP_NAME_AMBIGUOUS, TRUEUP_TOGGLE_MISSING,
 * TRUEUP_PROVIDER_MISSING, TRUEUP_PROVIDER_AMBIGUOUS, TRUEUP_DEVICE_NOT_FOUND, TRUEUP_GUARD_PERMANENT,
 * TRUEUP_USAGE.
 */
export function reconcile(input: ReconcileInput): Reconciliation {
  const { desired, provider, recorded, observation, content = null, now } = input;
  // Nothing was asked, since what is to be asked has yet to be made.
  const isBlind = content?.restsScan === true;
  refuseUnknowable(desired, provider, recorded.owner);
  const records = diffProvider(provider, recorded);
  const { devices, unsorted, unmatched } = devicesOf(observation, recorded);
  const limits = limitsOf(input, devices);
  const allowances = allowancesOf(input.allow, devices);
  const selections = new Set<Selected>();
  const select = policiesOf(desired);
  const scope = scopeOf({
    devices: unsorted,
    select: (device) => {
      const selected = select(device);
      selections.add(selected);
      return selected;
    },
    attributes: attributesOf(observation, input.labels, now),
    recorded,
    unasked: isBlind,
    ageSeconds: observation.ageSeconds,
    off: isOff(provider, recorded),
    now,
    setAside: setAsideIn(allowances),
    asked: (label, computerId) =>
      limits.rotate !== null && limits.device(label) && input.rotated?.has(computerId) !== true,
  });
  const emptied = emptiedIn(desired, isOff(provider, recorded) || isBlind ? null : selections, recorded);
  const names = namesIn(observation, provider.principals);
  const { classes, unseen } = compareClasses(scope.classes, {
    names,
    provider,
    now,
    pause: pauseAt(desired.rollout, now) ?? (!limits.provider && turnsOn(records) ? notTurnedOn : null),
    emptied,
    rotateNow: limits.now,
  });

  const judged = classes.flatMap((compared): Judged[] => {
    const { members, logNeed } = compared;
    const own = limits.allDevices
      ? members
      : theseMembers(members.devices.filter((device) => limits.device(device.label)));
    if (own.count === 0) return [];
    return [{ members: own, logNeed, ...compared.judge(limits.change) }];
  });
  const rollout = rolloutOf(input, judged, allowances, devices);
  const onDevices = rollout.classes.map(({ allowed, members }) => ({
    changes: allowed.filter(changesDevice),
    devices: members.count,
  }));
  const reached = rollout.waves.flatMap(({ rows }) => rows.flatMap((row) => row.devices.map(idOf)));
  const budgets = budgetsOf(desired.rollout, spendingOf(onDevices), scope.selected, recorded.spent, reached);
  const plan = assemble({
    config: desired.digest,
    provider: provider.ref,
    only: limits.only,
    rotate: limits.rotate,
    allowances,
    scan: scanOf(observation, scope, unmatched),
    records: limits.provider ? records : [],
    content: content?.changes ?? [],
    classes: rollout.classes,
    whole: scope.held.filter((held) => limits.device(held.device.label) && limits.selected(held.selected)),
    pending: scope.pending.filter((held) => limits.device(held.device.label) && limits.selected(held.selected)),
    batches: rollout.waves.map(({ wave, rows }) => ({ wave, batch: batch(rows, roomFor(rows, input)) })),
    rollout: rollout.planned,
    actors: recorded.actors,
    budgets,
    refusal: isOff(provider, recorded) || isBlind ? null : refusalOf(budgets, desired.rollout, scope),
    notActedOn: desired.notActedOn,
    warnings: [...warningsOf(input, scope, unseen), ...emptied.warnings, ...rollout.warnings],
  });
  return { plan, findings: findingsOf(classes, scope.held) };
}

/** Whichever action comes first on a device has to have room for what it reads. */
function roomFor(
  rows: readonly Row<Judged>[],
  { encodedLength, maxEncodedLength }: Pick<ReconcileInput, 'encodedLength' | 'maxEncodedLength'>,
): Room {
  const read = longestRead(rows.flatMap(({ origin }) => origin.logNeed ?? []));
  return { encodedLength: (operations) => encodedLength(operations, read), maxEncodedLength };
}

function idOf({ computerId }: { readonly computerId: string }): string {
  return computerId;
}

/** Under `--only`: the records come first, and those that turn the integration on are not of this run. */
const notTurnedOn: Hold = {
  guard: 'not-ready',
  message: 'the integration is off in the records, and what turns it on is not of this run',
  release: 'Run without --only',
};

function scanOf({ at, ageSeconds, expected, devices, texts }: Observation, scope: Scope, unmatched: number): PlanScan {
  const isAnswer = texts.map(({ kind }) => kind === 'inventory' || kind === 'not-windows');
  let answered = 0;
  for (const text of devices.textIndexes) if (isAnswer[text] === true) answered += 1;
  const { selected, observed } = scope;
  return {
    at: at === null ? null : `${at.slice(0, 16)}Z`,
    ageSeconds,
    expected,
    answered,
    selected,
    observed,
    unmatched,
  };
}

function warningsOf(
  { desired, provider, recorded, content, now }: ReconcileInput,
  scope: Scope,
  unseen: ReadonlySet<string>,
): string[] {
  const warnings: string[] = content ? [...contentWarnings(content)] : [];
  if (content?.restsScan === true) warnings.push(nothingAsked);
  const { computers, memberships, accounts, rotations } = desired;
  const policies = computers.length + memberships.length + accounts.length + rotations.length;
  if (isOff(provider, recorded)) {
    const how = isOff(provider, { toggle: null }) ? 'declared off' : 'off, and the toggle is not declared';
    warnings.push(`The integration is ${how}: no device is scanned or changed.`);
  } else if (policies > 0 && scope.selected === 0 && content?.restsScan !== true) {
    const excluded = scope.held.some(({ exclusion }) => exclusion !== null);
    warnings.push(
      `No data: no device that is or will be enrolled is selected by a policy${excluded ? ' and not excluded' : ''}.`,
    );
  }
  if (scope.notWindows > 0) {
    warnings.push(`${devicesCount(scope.notWindows)} selected by a policy and left alone: not Windows.`);
  }
  if (scope.notEnrolled > 0) {
    warnings.push(
      `${devicesCount(scope.notEnrolled)} selected by a policy and left alone: no ComputerPolicy enrolls them.`,
    );
  }
  for (const name of unseen) warnings.push(`${name} is declared absent, and no inventory shows the name.`);
  for (const { ref, until } of desired.exclusions) {
    if (Date.parse(until) > Date.parse(now)) continue;
    warnings.push(`Exclusion ${ref.name} (${ref.source.file}:${ref.source.line}) has expired, and still holds.`);
  }
  return warnings;
}

const nothingAsked = 'Nothing is asked of the fleet before the sensor is made: the next plan is of the devices.';

function devicesCount(count: number): string {
  return count === 1 ? '1 device is' : `${count} devices are`;
}

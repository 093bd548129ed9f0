/** Compares each class of devices with its policies: one diff per inventory text and policy, one judgement per class. */
import type { DesiredProvider } from '../model/desired.ts';
import type { Inventory } from '../model/inventory.ts';
import type { AppliedFacets } from '../model/recorded.ts';
import type { Sid } from '../model/sid.ts';
import { appliedAfter, attribute } from './attribute.ts';
import { diffDevice } from './diff.ts';
import { diffComputer, enrolment } from './diff-computer.ts';
import type { Emptied } from './emptied.ts';
import { type Judgement, judge } from './guard.ts';
import { hasUsableAdministrator } from './last-admin.ts';
import { type LogNeed, logNeedOf } from './log-read.ts';
import type { Members } from './members.ts';
import { type NameProblem, type Names, refuseProblems } from './names.ts';
import { once } from './once.ts';
import { lastMemory } from './remembered.ts';
import { type ResolvedPolicy, resolve } from './resolve.ts';
import type { DeviceClass } from './scope.ts';
import type { Situation } from './situation.ts';
import { type Attributed, type Decision, type Diff, emptyDiff, type Hold } from './wanted.ts';

export interface Compared {
  readonly inventory: Inventory;
  readonly members: Members;
  readonly changes: readonly Attributed[];
  /** Members whose session is in progress. */
  readonly sessions: ReadonlySet<Sid>;
  /** Everything declared holds. */
  readonly met: boolean;
  readonly applied: AppliedFacets;
  /** A usable administrator is there now. */
  readonly administered: boolean;
  /** What of their logs somebody wants to know; null: nothing. */
  readonly logNeed: LogNeed | null;
  /** What of these changes may happen; those that are not of the run do not happen, and the others are judged so. */
  judge(isOfRun: (change: Attributed) => boolean): Judgement;
}

export interface CompareContext {
  readonly names: Names;
  readonly provider: DesiredProvider;
  /** UTC day. */
  readonly today: string;
  /** Why no device is changed at all now; null: nothing stands against it. */
  readonly pause: Hold | null;
  readonly emptied: Emptied;
  /** Told of every facet how it stands; left out: nobody asks. */
  readonly decided?: Decision[];
}

/** Throws TRUEUP_NAME_UNRESOLVED and TRUEUP_NAME_AMBIGUOUS for names that one of these devices needs. */
export function compareClasses(
  classes: readonly DeviceClass[],
  context: CompareContext,
): { readonly classes: readonly Compared[]; readonly unseen: ReadonlySet<string> } {
  const problems: NameProblem[] = [];
  const unseen = new Set<string>();
  const resolved = new Map<string, ResolvedPolicy>();
  for (const { selected } of classes) {
    if (resolved.has(selected.signature)) continue;
    resolved.set(selected.signature, resolve(selected.effective, context.names, problems, unseen));
  }
  refuseProblems(problems);
  const diffs = new Map<string, Diff>();
  const memory = context.decided === undefined ? memoryOf(circumstancesOf(classes, resolved, context)) : notRemembered;
  const compared = classes.map((one) => {
    const policy = resolved.get(one.selected.signature) ?? { groups: [], accounts: [], recovery: [] };
    const found = memory(one.inventory, keyOf(one, context.emptied), () => {
      const key = `${one.text} ${one.selected.signature}`;
      const diff = diffs.get(key) ?? diffDevice(one.inventory, policy, context.names, emptyDiff(context.decided));
      diffs.set(key, diff);
      return findingOf(one, policy, diff, context);
    });
    return comparedOf(one, policy, found, context);
  });
  return { classes: compared, unseen };
}

/** What comes out where one inventory is compared, whoever has it. */
interface Finding {
  readonly ofRecord: Diff;
  readonly onDevice: Diff;
  readonly changes: readonly Attributed[];
  readonly logNeed: LogNeed | null;
  readonly facts: Situation;
  readonly ofAll: () => Judgement;
}

/** In the next cycle of a daemon nearly all of a fleet is as it was. */
const memoryOf = lastMemory<Finding>();

function notRemembered(_inventory: Inventory, _key: string, make: () => Finding): Finding {
  return make();
}

/** All that a finding depends on and that is not of its class. */
function circumstancesOf(
  classes: readonly DeviceClass[],
  resolved: ReadonlyMap<string, ResolvedPolicy>,
  { names, provider, today, pause }: CompareContext,
): string {
  const computers = new Map(classes.map(({ selected }) => [selected.signature, selected.effective.computer]));
  const { name, provider: kind } = provider;
  return JSON.stringify([[...computers], [...resolved], names.pairs(), { name, kind }, today, pause]);
}

/** What of a class tells its finding from that of others with its inventory. */
function keyOf(one: DeviceClass, emptied: Emptied): string {
  const { selected, record, applied, contests, orphans, inUse, sessions, setAside } = one;
  const settings = record === null ? null : [record.scan, record.protect, record.offlineAccess, record.edrIntegration];
  const ledger = [[...contests], [...orphans], [...inUse], [...sessions], [...setAside]];
  return JSON.stringify([selected.signature, settings, applied, ledger, emptied.holdOn(applied)]);
}

function findingOf(
  { inventory, record, selected, applied, contests, orphans, inUse, sessions, setAside }: DeviceClass,
  { recovery }: ResolvedPolicy,
  onDevice: Diff,
  { names, provider, today, pause, emptied, decided }: CompareContext,
): Finding {
  const { computer } = selected.effective;
  const ofRecord = emptyDiff(decided);
  if (record !== null) diffComputer(ofRecord, computer, record, provider);
  else if (computer.enroll !== null) enrolment(ofRecord, computer, computer.enroll, provider);
  const changes = attribute([...ofRecord.wanted, ...onDevice.wanted], applied);
  const protect = record?.protect ?? null;
  const facts: Situation = {
    inventory,
    computer,
    recovery,
    names,
    protect,
    today,
    pause,
    contests,
    orphans,
    inUse,
    sessions,
    emptied: emptied.holdOn(applied),
    setAside,
  };
  return {
    ofRecord,
    onDevice,
    changes,
    logNeed: computer.attribution?.value === true ? logNeedOf(changes) : null,
    facts,
    ofAll: once(() => judge(changes, facts)),
  };
}

function comparedOf(
  { members, inventory, selected, applied, sessions }: DeviceClass,
  { recovery }: ResolvedPolicy,
  { ofRecord, onDevice, changes, logNeed, facts, ofAll }: Finding,
  { names, today, emptied }: CompareContext,
): Compared {
  // What only the look's records tell is made for them alone.
  const appliedNow = once(() => {
    const met = new Map([...ofRecord.met, ...onDevice.met, ...emptied.notes(selected, applied)]);
    return appliedAfter({ met, unmet: new Set([...ofRecord.unmet, ...onDevice.unmet]) }, applied);
  });
  const administered = once(() => hasUsableAdministrator({ inventory, recovery, names, today }));
  return {
    inventory,
    members,
    changes,
    sessions,
    met: ofRecord.unmet.size + onDevice.unmet.size === 0,
    get applied() {
      return appliedNow();
    },
    get administered() {
      return administered();
    },
    logNeed,
    judge: (isOfRun) => {
      const ofRun = changes.filter(isOfRun);
      return ofRun.length < changes.length ? judge(ofRun, facts) : ofAll();
    },
  };
}

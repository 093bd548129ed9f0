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
import { type ResolvedPolicy, resolve } from './resolve.ts';
import type { DeviceClass } from './scope.ts';
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
  const compared = classes.map((one) => {
    const policy = resolved.get(one.selected.signature) ?? { groups: [], accounts: [], recovery: [] };
    const key = `${one.text} ${one.selected.signature}`;
    const diff = diffs.get(key) ?? diffDevice(one.inventory, policy, context.names, emptyDiff(context.decided));
    diffs.set(key, diff);
    return compareClass(one, policy, diff, context);
  });
  return { classes: compared, unseen };
}

function compareClass(
  { members, inventory, record, selected, applied, contests, orphans, inUse, sessions, setAside }: DeviceClass,
  { recovery }: ResolvedPolicy,
  onDevice: Diff,
  { names, provider, today, pause, emptied, decided }: CompareContext,
): Compared {
  const { computer } = selected.effective;
  const ofRecord = emptyDiff(decided);
  if (record !== null) diffComputer(ofRecord, computer, record, provider);
  else if (computer.enroll !== null) enrolment(ofRecord, computer, computer.enroll, provider);
  // What only the look's records tell is made for them alone.
  const appliedNow = once(() => {
    const met = new Map([...ofRecord.met, ...onDevice.met, ...emptied.notes(selected, applied)]);
    return appliedAfter({ met, unmet: new Set([...ofRecord.unmet, ...onDevice.unmet]) }, applied);
  });
  const administered = once(() => hasUsableAdministrator({ inventory, recovery, names, today }));
  const changes = attribute([...ofRecord.wanted, ...onDevice.wanted], applied);
  const protect = record?.protect ?? null;
  const facts = {
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
  let ofAll: Judgement | null = null;
  return {
    inventory,
    members,
    changes,
    sessions,
    met: ofRecord.unmet.size + onDevice.unmet.size === 0,
    get applied() {
      return appliedNow();
    },
    logNeed: computer.attribution?.value === true ? logNeedOf(changes) : null,
    get administered() {
      return administered();
    },
    judge: (isOfRun) => {
      const ofRun = changes.filter(isOfRun);
      if (ofRun.length < changes.length) return judge(ofRun, facts);
      ofAll ??= judge(changes, facts);
      return ofAll;
    },
  };
}

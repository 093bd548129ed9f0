/** Compares each class of devices with its policies: one diff per inventory text and policy, one judgement per class. */
import type { DesiredProvider } from '../model/desired.ts';
import type { Inventory } from '../model/inventory.ts';
import type { AppliedFacets } from '../model/recorded.ts';
import type { Sid } from '../model/sid.ts';
import { appliedAfter, attribute } from './attribute.ts';
import type { DeviceClass } from './classes.ts';
import { type DeviceDiff, diffDevice } from './diff.ts';
import { diffComputer, enrolment } from './diff-computer.ts';
import { diffPasswords, type PasswordState } from './diff-passwords.ts';
import type { Emptied } from './emptied.ts';
import { type Judgement, judge } from './guard.ts';
import { hasUsableAdministrator } from './last-admin.ts';
import { type LogNeed, logNeedOf } from './log-read.ts';
import type { Members } from './members.ts';
import { type NameProblem, type Names, refuseProblems } from './names.ts';
import { once } from './once.ts';
import { heldAccounts } from './password-due.ts';
import { outsideWindows } from './pause.ts';
import type { EffectiveRotation } from './policy-rotations.ts';
import { lastMemory } from './remembered.ts';
import { type ResolvedPolicy, resolve } from './resolve.ts';
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
  /** How the passwords stand that are rotated on these devices. */
  readonly passwords: readonly PasswordState[];
  /** What of these changes may happen; those that are not of the run do not happen, and the others are judged so. */
  judge(isOfRun: (change: Attributed) => boolean): Judgement;
}

export interface CompareContext {
  readonly names: Names;
  readonly provider: DesiredProvider;
  /** ISO time in UTC. */
  readonly now: string;
  /** Why no device is changed at all now; null: nothing stands against it. */
  readonly pause: Hold | null;
  readonly emptied: Emptied;
  /** Whether `trueup rotate` wants a password changed that is not due, on the devices that it is of. */
  readonly rotateNow: (rotation: EffectiveRotation) => boolean;
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
  const diffs = new Map<string, DeviceDiff>();
  const outside = outsideAt(context.now);
  const memory =
    context.decided === undefined ? memoryOf(circumstancesOf(classes, resolved, context, outside)) : notRemembered;
  const compared = classes.map((one) => {
    const policy = resolved.get(one.selected.signature) ?? nothingDeclared;
    const found = memory(one.inventory, keyOf(one, context), () => {
      const key = `${one.text} ${one.selected.signature}`;
      const diff = diffs.get(key) ?? diffDevice(one.inventory, policy, context.names, emptyDiff(context.decided));
      diffs.set(key, diff);
      return findingOf(one, policy, diff, context, outside);
    });
    return new ComparedClass(one, found, context);
  });
  return { classes: compared, unseen };
}

const nothingDeclared: ResolvedPolicy = { groups: [], accounts: [], rotations: [], recovery: [] };

/** Why an account is not rotated at this time of the day; null: it may be. */
type Outside = (rotation: EffectiveRotation) => Hold | null;

function outsideAt(now: string): Outside {
  const known = new Map<EffectiveRotation['declared']['windows'], Hold | null>();
  return ({ declared: { windows } }) => {
    if (windows === undefined) return null;
    const found = known.get(windows);
    if (found !== undefined) return found;
    const where = `windows in PasswordRotationPolicy ${windows.policy.name}`;
    const hold = outsideWindows(windows.value, now, 'windows of its policy', where);
    known.set(windows, hold);
    return hold;
  };
}

function dayOf(now: string): string {
  return now.slice(0, 10);
}

/** What comes out where one inventory is compared, whoever has it. */
interface Finding {
  readonly ofRecord: Diff;
  readonly onDevice: Diff;
  readonly ofPasswords: Diff;
  readonly passwords: readonly PasswordState[];
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
  { names, provider, now, pause, rotateNow }: CompareContext,
  outside: Outside,
): string {
  const computers = new Map(classes.map(({ selected }) => [selected.signature, selected.effective.computer]));
  const { name, provider: kind } = provider;
  const rotations = [...resolved.values()].flatMap((policy) => policy.rotations);
  const passwords = rotations.map((rotation) => [rotateNow(rotation), outside(rotation)]);
  const circumstances = [[...computers], [...resolved], names.pairs(), { name, kind }, dayOf(now), pause, passwords];
  return JSON.stringify(circumstances);
}

/** What of a class tells its finding from that of others with its inventory. */
function keyOf(one: DeviceClass, { emptied, now }: CompareContext): string {
  const { selected, record, applied, contests, orphans, inUse, sessions, holdings, asked, setAside } = one;
  const settings = record === null ? null : [record.scan, record.protect, record.offlineAccess, record.edrIntegration];
  // What was read or asked for is due, or counts, by the minute.
  const isByTheMinute = holdings.some(({ current, open }) => open !== null || (current?.revealedAt ?? null) !== null);
  const passwords = [holdings, asked, isByTheMinute ? now : null];
  const ledger = [[...contests], [...orphans], [...inUse], [...sessions], passwords, [...setAside]];
  return JSON.stringify([selected.signature, settings, applied, ledger, emptied.holdOn(applied)]);
}

function findingOf(
  { inventory, record, selected, applied, contests, orphans, inUse, sessions, holdings, asked, setAside }: DeviceClass,
  { recovery }: ResolvedPolicy,
  { diff: onDevice, passwords: targets }: DeviceDiff,
  { names, provider, now, pause, emptied, rotateNow, decided }: CompareContext,
  outside: Outside,
): Finding {
  const { computer } = selected.effective;
  const ofRecord = emptyDiff(decided);
  if (record !== null) diffComputer(ofRecord, computer, record, provider);
  else if (computer.enroll !== null) enrolment(ofRecord, computer, computer.enroll, provider);
  const ofPasswords = emptyDiff(decided);
  const isAsked = (rotation: EffectiveRotation): boolean => asked && rotateNow(rotation);
  const passwords = diffPasswords(ofPasswords, targets, { inventory, holdings, isAsked, outside, now });
  const changes = attribute([...ofRecord.wanted, ...onDevice.wanted, ...ofPasswords.wanted], applied);
  const protect = record?.protect ?? null;
  const facts: Situation = {
    inventory,
    computer,
    recovery,
    heldAccounts: heldAccounts(inventory, holdings),
    names,
    protect,
    today: dayOf(now),
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
    ofPasswords,
    passwords,
    changes,
    logNeed: computer.attribution?.value === true ? logNeedOf(changes) : null,
    facts,
    ofAll: once(() => judge(changes, facts)),
  };
}

/** A class, as {@link Compared} of some thousand classes would be as many functions again and again. */
class ComparedClass implements Compared {
  readonly inventory: Inventory;
  readonly members: Members;
  readonly changes: readonly Attributed[];
  readonly sessions: ReadonlySet<Sid>;
  readonly logNeed: LogNeed | null;
  readonly passwords: readonly PasswordState[];
  readonly #of: DeviceClass;
  readonly #finding: Finding;
  readonly #emptied: Emptied;
  #applied: AppliedFacets | null = null;
  #administered: boolean | null = null;

  constructor(of: DeviceClass, finding: Finding, { emptied }: CompareContext) {
    this.inventory = of.inventory;
    this.members = of.members;
    this.sessions = of.sessions;
    this.changes = finding.changes;
    this.logNeed = finding.logNeed;
    this.passwords = finding.passwords;
    this.#of = of;
    this.#finding = finding;
    this.#emptied = emptied;
  }

  get met(): boolean {
    return this.#diffs.every(({ unmet }) => unmet.size === 0);
  }

  /** What only the look's records tell is made for them alone. */
  get applied(): AppliedFacets {
    const { selected, applied } = this.#of;
    if (this.#applied !== null) return this.#applied;
    const notes = this.#emptied.notes(selected, applied);
    const met = new Map([...this.#diffs.flatMap((diff) => [...diff.met]), ...notes]);
    this.#applied = appliedAfter({ met, unmet: new Set(this.#diffs.flatMap((diff) => [...diff.unmet])) }, applied);
    return this.#applied;
  }

  get administered(): boolean {
    this.#administered ??= hasUsableAdministrator(this.#finding.facts);
    return this.#administered;
  }

  judge(isOfRun: (change: Attributed) => boolean): Judgement {
    const { changes, facts, ofAll } = this.#finding;
    const ofRun = changes.filter(isOfRun);
    return ofRun.length < changes.length ? judge(ofRun, facts) : ofAll();
  }

  get #diffs(): readonly Pick<Diff, 'met' | 'unmet'>[] {
    const { ofRecord, onDevice, ofPasswords } = this.#finding;
    return [ofRecord, onDevice, ofPasswords];
  }
}

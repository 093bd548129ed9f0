/** Sorts devices into those that a plan may speak of, in classes of equals, and those that it leaves alone as a whole. */
import type { ExclusionPolicy } from '../model/desired.ts';
import type { Guard } from '../model/guard.ts';
import type { Inventory } from '../model/inventory.ts';
import type { AppliedFacets, Contest, Holding, Recorded, RecordedComputer } from '../model/recorded.ts';
import type { DeviceAttributes } from '../model/selector.ts';
import { compareText, type Sid } from '../model/sid.ts';
import type { Applied } from './attribute.ts';
import type { RecordedSettings } from './diff-computer.ts';
import { compareIds, placesById } from './id-order.ts';
import { inUseAt } from './in-use.ts';
import { classesOf, type GrowingMembers, type Members } from './members.ts';
import type { Device, DeviceList } from './observe.ts';
import type { Selected } from './policy.ts';
import type { Hold } from './wanted.ts';

/** Devices that differ from their policies in the same way, since all that is compared is the same. */
export interface DeviceClass {
  readonly inventory: Inventory;
  /** Index of the inventory's text. */
  readonly text: number;
  readonly selected: Selected;
  /** Null: not enrolled yet. */
  readonly record: RecordedSettings | null;
  readonly applied: Applied;
  /** By `subjectKey`. */
  readonly contests: ReadonlyMap<string, Contest>;
  /** `subjectKey` of removals of members whose accounts are gone beyond doubt. */
  readonly orphans: ReadonlySet<string>;
  /** By `refusalKey`: what runs as the account, as the device said when it refused. */
  readonly inUse: ReadonlyMap<string, string>;
  /** Members whose session is in progress. */
  readonly sessions: ReadonlySet<Sid>;
  /** What is held of passwords. */
  readonly holdings: readonly Holding[];
  /** Whether `trueup rotate` is of these devices. */
  readonly asked: boolean;
  /** Guards that do not hold these devices in this run. */
  readonly setAside: ReadonlySet<Guard>;
  readonly members: Members;
}

/** A device that is held back whole: what it has is not compared. */
export interface WholeHold {
  readonly device: Device;
  readonly selected: Selected;
  readonly hold: Hold;
  /** The exclusion that holds it; null: no statement does. */
  readonly exclusion: ExclusionPolicy | null;
}

/** Classes in the order of their first devices, which is that of Computer IDs; so are those that are held. */
export interface Scope {
  readonly classes: readonly DeviceClass[];
  readonly held: readonly WholeHold[];
  /** Unobserved, with an action of an earlier run still open. */
  readonly pending: readonly WholeHold[];
  readonly selected: number;
  readonly observed: number;
  /** Selected by a policy, but not running Windows. */
  readonly notWindows: number;
  /** Selected by a policy, but no `ComputerPolicy` enrolls them. */
  readonly notEnrolled: number;
}

export interface ScopeInput {
  /** In any order. */
  readonly devices: DeviceList;
  readonly select: (device: DeviceAttributes) => Selected;
  readonly attributes: (device: Device) => DeviceAttributes;
  readonly recorded: Pick<Recorded, 'owner' | 'applied' | 'contests' | 'orphans' | 'credentials'>;
  /** Seconds since the scan. */
  readonly ageSeconds: number;
  /** The integration is off. */
  readonly off: boolean;
  readonly now: string;
  /** Guards that do not hold the device of this label. */
  readonly setAside: (label: string) => ReadonlySet<Guard>;
  /** Whether `trueup rotate` is of the device of this label. */
  readonly asked: (label: string) => boolean;
}

export function scopeOf(input: ScopeInput): Scope {
  const classes = noClasses(input.devices);
  const held: WholeHold[] = [];
  const pending: WholeHold[] = [];
  const count = { selected: 0, observed: 0, notWindows: 0, notEnrolled: 0 };
  for (let at = 0; at < input.devices.length; at += 1) {
    const device = input.devices.at(at);
    if (device === undefined) break;
    const selected = input.select(input.attributes(device));
    const { computer } = selected.effective;
    if (!selected.any || computer.enforcement?.value === 'ignore') continue;
    if (!isWindows(device)) {
      count.notWindows += 1;
      continue;
    }
    const setAside = input.setAside(device.label);
    const aside = leftAside(device, selected, input.off, setAside);
    for (const hold of aside) held.push(hold);
    if (aside.length > 0) continue;
    if (device.record === null && computer.enroll?.value !== true) {
      count.notEnrolled += 1;
      continue;
    }
    count.selected += 1;
    const unobserved = whyUnobserved(device, selected, input.ageSeconds);
    if (unobserved === null) count.observed += 1;
    if (device.conflict !== null) {
      held.push({ device, selected, hold: inDoubt(device.conflict), exclusion: null });
    } else if (unobserved !== null) {
      const hold: WholeHold = { device, selected, hold: unobserved, exclusion: null };
      held.push(hold);
      const until = device.record?.pendingUntil ?? null;
      if (until !== null && Date.parse(until) > Date.parse(input.now)) pending.push(hold);
    } else place(classes, at, device, selected, input, setAside);
  }
  return {
    classes: inOrder(classes.all, ({ first }) => first),
    held: inOrder(held, deviceOf),
    pending: inOrder(pending, deviceOf),
    ...count,
  };
}

/** A record of which no scan has told anything yet says itself what its device runs. */
function isWindows({ row, text, record }: Device): boolean {
  if (text?.kind === 'inventory') return true;
  if (text?.kind === 'not-windows') return false;
  const os = row?.os || record?.os || '';
  return os === '' || /windows/i.test(os);
}

/** Out of scope whatever is declared; never counted among the selected. */
function leftAside(
  device: Device,
  selected: Selected,
  off: boolean,
  setAside: ReadonlySet<Guard>,
): readonly WholeHold[] {
  if (device.text?.kind === 'inventory' && device.text.inventory.os.kind === 'dc') {
    return [{ device, selected, hold: domainController, exclusion: null }];
  }
  if (selected.exclusions.length > 0 && !setAside.has('excluded')) {
    return selected.exclusions.map((exclusion) => ({ device, selected, hold: excludedBy(exclusion), exclusion }));
  }
  return off ? [{ device, selected, hold: providerOff, exclusion: null }] : noHolds;
}

function whyUnobserved({ row, text }: Device, selected: Selected, ageSeconds: number): Hold | null {
  if (row === null || text === null) return unobserved('did not answer');
  if (text.kind === 'no-answer') return unobserved('answered without a state');
  if (text.kind !== 'inventory') return unobserved(`answered with something that is no inventory: ${text.message}`);
  const limit = selected.effective.computer.maxScanAgeSeconds?.value;
  return limit !== undefined && ageSeconds > limit ? unobserved('was last seen longer ago than maxScanAge') : null;
}

interface Classes {
  readonly begin: () => GrowingMembers;
  readonly all: OpenClass[];
  /** Of machines of which nothing is recorded and nothing set aside, as nearly all of a new fleet: by text. */
  readonly plain: Map<Selected, (OpenClass | undefined)[]>;
  /** Of others, by all that tells them apart. */
  readonly others: Map<string, OpenClass>;
  /** The number of each list of holdings that was met, by the list itself. */
  readonly holdings: Map<readonly Holding[], number>;
}

interface OpenClass extends DeviceClass {
  readonly members: GrowingMembers;
  /** Of the lowest ID. */
  first: Identity;
}

type Identity = Pick<Device, 'computerId' | 'label'>;

function deviceOf({ device }: WholeHold): Identity {
  return device;
}

function inOrder<T>(items: readonly T[], of: (item: T) => Identity): T[] {
  const identities = items.map(of);
  const places = placesById(
    items.length,
    (at) => identities[at]?.computerId ?? null,
    (a, b) => compareText(identities[a]?.label ?? '', identities[b]?.label ?? ''),
  );
  return Array.from(places, (at) => items[at] as T);
}

function noClasses(devices: DeviceList): Classes {
  return { begin: classesOf(devices), all: [], plain: new Map(), others: new Map(), holdings: new Map() };
}

function place(
  classes: Classes,
  at: number,
  device: Device,
  selected: Selected,
  { recorded: { applied: known, contests: contested, orphans: gone, credentials }, now, asked }: ScopeInput,
  setAside: ReadonlySet<Guard>,
): void {
  const { computerId, label, record, row, text } = device;
  if (computerId === null || row === null || text?.kind !== 'inventory') return;
  const signature = record?.appliedSignature ?? null;
  const contests = contested.get(computerId) ?? noContests;
  const orphans = gone.get(computerId) ?? noOrphans;
  const sessions = record?.sessions ?? [];
  const inUse = record?.inUse === undefined ? nothingInUse : inUseAt(record.inUse, now);
  const holdings = credentials.get(computerId) ?? nothingHeld;
  const isAsked = asked(label);
  const isPlain = record === null && !isAsked && contests.size + orphans.size + setAside.size + holdings.length === 0;
  const key = isPlain
    ? ''
    : keyOf(row.text, selected, record, setAside, [
        [...contests],
        [...orphans],
        [...inUse],
        sessions,
        numberOf(holdings, classes.holdings),
        isAsked,
      ]);
  const equal = isPlain ? classes.plain.get(selected)?.[row.text] : classes.others.get(key);
  if (equal) {
    equal.members.add(at);
    if (compareIds(computerId, equal.first.computerId) < 0) equal.first = device;
    return;
  }
  const applied = appliedTo(signature, known);
  const { inventory } = text;
  const made: OpenClass = {
    inventory,
    text: row.text,
    selected,
    record,
    applied,
    contests,
    orphans,
    inUse,
    sessions: new Set(sessions),
    holdings,
    asked: isAsked,
    setAside,
    members: classes.begin(),
    first: device,
  };
  made.members.add(at);
  classes.all.push(made);
  if (!isPlain) classes.others.set(key, made);
  else {
    const byText = classes.plain.get(selected) ?? [];
    classes.plain.set(selected, byText);
    byText[row.text] = made;
  }
}

function keyOf(
  text: number,
  { signature }: Selected,
  record: RecordedComputer | null,
  setAside: DeviceClass['setAside'],
  ledger: readonly unknown[],
): string {
  const settings = record === null ? null : [record.scan, record.protect, record.offlineAccess, record.edrIntegration];
  return JSON.stringify([text, signature, record?.appliedSignature ?? null, settings, [...setAside], ledger]);
}

/** Equal devices share one list: what is in it need not be looked at for each of them. */
function numberOf(holdings: readonly Holding[], known: Map<readonly Holding[], number>): number {
  const number = known.get(holdings);
  if (number !== undefined) return number;
  known.set(holdings, known.size);
  return known.size - 1;
}

const noHolds: readonly WholeHold[] = [];
const noContests: ReadonlyMap<string, Contest> = new Map();
const noOrphans: ReadonlySet<string> = new Set();
const nothingHeld: readonly Holding[] = [];
const nothingInUse: ReadonlyMap<string, string> = new Map();

function appliedTo(signature: string | null, known: ReadonlyMap<string, AppliedFacets>): Applied {
  return signature === null ? 'nothing' : (known.get(signature) ?? 'lost');
}

const domainController: Hold = {
  guard: 'domain-controller',
  message: 'a domain controller has no local accounts: its groups are those of the domain',
  release: null,
};

const providerOff: Hold = {
  guard: 'provider-off',
  message: 'the integration is off',
  release: null,
};

function excludedBy({ reason, until }: ExclusionPolicy): Hold {
  return {
    guard: 'excluded',
    message: `left alone until ${until.slice(0, 16)}Z: ${reason}`,
    release: 'End the Exclusion',
  };
}

function inDoubt(conflict: string): Hold {
  return { guard: 'identity', message: `it is not certain which machine this is: ${conflict}`, release: null };
}

function unobserved(message: string): Hold {
  return { guard: 'unobserved', message, release: 'Bring the device online, and scan again' };
}

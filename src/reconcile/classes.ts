/** Classes of equal devices: all that is compared of a device, so that each comparison is made once. */
import type { Guard } from '../model/guard.ts';
import type { Inventory } from '../model/inventory.ts';
import type { AppliedFacets, Contest, Holding, Recorded, RecordedComputer } from '../model/recorded.ts';
import type { Sid } from '../model/sid.ts';
import type { Applied } from './attribute.ts';
import type { RecordedSettings } from './diff-computer.ts';
import { compareIds } from './id-order.ts';
import { inUseAt } from './in-use.ts';
import { classesOf, type GrowingMembers, type Members } from './members.ts';
import type { Device, DeviceList } from './observe.ts';
import type { Selected } from './policy.ts';

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

/** What is known of devices besides their answers and records. */
export interface Known {
  readonly recorded: Pick<Recorded, 'owner' | 'applied' | 'contests' | 'orphans' | 'credentials'>;
  /** ISO time. */
  readonly now: string;
  /** Whether `trueup rotate` is of the device of this label. */
  readonly asked: (label: string, computerId: string) => boolean;
}

/** They grow, device by device. */
export interface Classes {
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

export type Identity = Pick<Device, 'computerId' | 'label'>;

/** Of the devices of this list. */
export function noClasses(devices: DeviceList): Classes {
  return { begin: classesOf(devices), all: [], plain: new Map(), others: new Map(), holdings: new Map() };
}

/** Adds the device at a place of the list to its class, be it a new one. */
export function place(
  classes: Classes,
  at: number,
  device: Device,
  selected: Selected,
  { recorded: { applied: known, contests: contested, orphans: gone, credentials }, now, asked }: Known,
  setAside: ReadonlySet<Guard>,
): void {
  const { computerId, label, record, row, text } = device;
  if (computerId === null || row === null || text?.kind !== 'inventory') return;
  const signature = record?.appliedSignature ?? null;
  const contests = contested.get(computerId) ?? noContests;
  const orphans = gone.get(computerId) ?? noOrphans;
  const sessions = record?.sessions ?? [];
  const inUse = record?.inUse === undefined ? nothingInUse : inUseAt(record.inUse, now);
  const holdings = (credentials.size === 0 ? undefined : credentials.get(computerId)) ?? nothingHeld;
  const isAsked = asked(label, computerId);
  const isPlain = record === null && !isAsked && contests.size + orphans.size + setAside.size + holdings.length === 0;
  const ledger: unknown[] = [[...contests], [...orphans], [...inUse], sessions];
  if (isAsked || holdings !== nothingHeld) ledger.push(numberOf(holdings, classes.holdings), isAsked);
  const key = isPlain ? '' : keyOf(row.text, selected, record, setAside, ledger);
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

const noContests: ReadonlyMap<string, Contest> = new Map();
const noOrphans: ReadonlySet<string> = new Set();
const nothingHeld: readonly Holding[] = [];
const nothingInUse: ReadonlyMap<string, string> = new Map();

function appliedTo(signature: string | null, known: ReadonlyMap<string, AppliedFacets>): Applied {
  return signature === null ? 'nothing' : (known.get(signature) ?? 'lost');
}

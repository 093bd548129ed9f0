/** Who is an administrator of which device, and by which statement: the comparison of a plan, read the other way round. */
import type { Desired, DesiredProvider } from '../model/desired.ts';
import type { GroupMember, Inventory, MemberKind } from '../model/inventory.ts';
import type { Observation } from '../model/observed.ts';
import type { Recorded } from '../model/recorded.ts';
import type { Administrator, AdministratorAccess } from '../model/report.ts';
import { ADMINISTRATORS, compareText, isLocalSid, ridOf, type Sid } from '../model/sid.ts';
import { attributesOf, type Labels, refuseUnknowableIn, type Selection } from './attributes.ts';
import { diffDevice } from './diff.ts';
import { memberName } from './handsoff.ts';
import { membersIn, userNumbered } from './local-users.ts';
import { type NameProblem, type Names, namesIn } from './names.ts';
import { devicesOf } from './observe.ts';
import { policiesOf, type Selected } from './policy.ts';
import { type ResolvedPolicy, resolve } from './resolve.ts';
import { type Decision, emptyDiff } from './wanted.ts';

export interface AdministratorsInput {
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  readonly recorded: Pick<Recorded, 'owner' | 'computers'>;
  readonly observation: Observation;
  readonly labels: Labels;
  /** ISO time. */
  readonly now: string;
}

export interface Administered {
  /** With an inventory, in the order of their labels. */
  readonly devices: readonly AdministeredDevice[];
  /** Names that are declared and that nobody can resolve: whose member it is cannot be told. */
  readonly problems: readonly NameProblem[];
  /** Devices of which nothing is known. */
  readonly silent: number;
  /** With NPS-D's records: devices that Tanium knows and NPS-D does not. */
  readonly unmatched: number;
}

export interface AdministeredDevice {
  readonly computerId: string;
  readonly label: string;
  readonly domain: string | null;
  readonly os: string;
  /** Ordered by SID; equal devices share the list. */
  readonly administrators: readonly Administrator[];
}

/** Whose selectors decide who is declared where. */
export function selectorsOfMembers(desired: Pick<Desired, 'computers' | 'memberships' | 'accounts'>): Selection[] {
  return [...desired.computers, ...desired.memberships, ...desired.accounts];
}

/**
 * Exclusions, pauses and guards do not matter: they keep a plan from changing what is declared, and declare nothing.
 * Throws TRUEUP_SELECTOR_UNKNOWN.
 */
export function administeredDevices(input: AdministratorsInput): Administered {
  const { desired, provider, recorded, observation, labels, now } = input;
  refuseUnknowableIn(selectorsOfMembers(desired), provider, recorded.owner);
  const found = devicesOf(observation, recorded);
  const select = policiesOf({ ...desired, rotations: [], exclusions: [] });
  const attributes = attributesOf(observation, labels, now);
  const names = namesIn(observation, provider.principals);
  const problems: NameProblem[] = [];
  const policies = new Map<string, ResolvedPolicy>();
  const policyOf = ({ signature, effective }: Selected): ResolvedPolicy => {
    const known = policies.get(signature) ?? resolve(effective, names, problems, new Set());
    policies.set(signature, known);
    return known;
  };
  const lists = new Map<string, readonly Administrator[]>();
  const devices: AdministeredDevice[] = [];
  let silent = 0;
  for (const device of found.devices) {
    const { row, text, label } = device;
    if (row === null || text?.kind !== 'inventory') {
      silent += 1;
      continue;
    }
    const selected = select(attributes(device));
    const isOurs = isInScope(text.inventory, selected);
    const key = `${row.text} ${isOurs ? selected.signature : ''}`;
    const known = lists.get(key);
    const administrators = known ?? membersOf(text.inventory, isOurs ? policyOf(selected) : nothingDeclared, names);
    if (known === undefined) lists.set(key, administrators);
    devices.push({ computerId: row.computerId, label, domain: row.domain, os: row.os, administrators });
  }
  return {
    devices: devices.toSorted((a, b) => compareText(a.label, b.label)),
    problems,
    silent,
    unmatched: found.unmatched,
  };
}

const nothingDeclared: ResolvedPolicy = { groups: [], accounts: [], rotations: [], recovery: [] };

/** Whatever selects a domain controller declares nothing of it. */
function isInScope({ os }: Inventory, { effective }: Selected): boolean {
  return os.kind !== 'dc' && effective.computer.enforcement?.value !== 'ignore';
}

function membersOf(inventory: Inventory, policy: ResolvedPolicy, names: Names): readonly Administrator[] {
  const decided: Decision[] = [];
  diffDevice(inventory, policy, names, emptyDiff(decided));
  const decisionOn = new Map<Sid, Decision>();
  for (const decision of decided) {
    const { member, subject } = decision;
    if (member && subject['group'] === ADMINISTRATORS) decisionOn.set(member, decision);
  }
  return membersIn(inventory, ADMINISTRATORS).map((member) => {
    const decision = decisionOn.get(member.sid);
    return {
      account: memberName(inventory, member.sid, names),
      sid: member.sid,
      type: types[member.kind],
      enabled: enabledOf(inventory, member),
      access: decision === undefined ? 'undeclared' : accessOf(decision),
      policy: decision?.rule?.name ?? null,
      source: decision?.rule?.source ?? null,
    };
  });
}

const types: Readonly<Record<MemberKind, Administrator['type']>> = {
  u: 'user',
  g: 'group',
  c: 'computer',
  x: 'unknown',
};

function enabledOf(inventory: Inventory, { sid }: GroupMember): boolean | null {
  return isLocalSid(sid) ? (userNumbered(inventory, ridOf(sid))?.enabled ?? null) : null;
}

function accessOf({ key, desired }: Decision): AdministratorAccess {
  if (key === null) return 'undeclared';
  if (desired === 'member') return 'persistent';
  if (desired === 'jita' || desired === 'absent') return desired;
  return 'kept';
}

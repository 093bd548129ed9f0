/** A small world to plan in: the fixed names of the examples, and builders that say only what a test is about. */
import { compileContent } from '../../src/desired/compile-content.ts';
import { encodedLength, maxParameterLength } from '../../src/endpoint/encode.ts';
import { inventoryText, parseInventory } from '../../src/endpoint/inventory.ts';
import { defaultPosture } from '../../src/model/compliance.ts';
import {
  type AccountPolicy,
  type ComputerPolicy,
  type Desired,
  type DesiredMember,
  type DesiredProvider,
  defaultRollout,
  type ExclusionPolicy,
  type Kind,
  type MembershipPolicy,
  type PolicyRef,
  type RolloutPolicy,
  type RotationPolicy,
} from '../../src/model/desired.ts';
import type { GroupMember, Inventory, LocalUser, RotationMark } from '../../src/model/inventory.ts';
import { listed, type Observation, type ObservedDevice, type ObservedText } from '../../src/model/observed.ts';
import { defaultOptions } from '../../src/model/options.ts';
import type { Plan, PlannedChange } from '../../src/model/plan.ts';
import { defaultFields } from '../../src/model/provider-fields.ts';
import {
  type HeldPassword,
  type Holding,
  nothingSpent,
  type Recorded,
  type RecordedComputer,
  type RecordedProvider,
} from '../../src/model/recorded.ts';
import { defaultRotation } from '../../src/model/rotation.ts';
import type { Pattern, Selector } from '../../src/model/selector.ts';
import { ADMINISTRATORS, compareText, localSid } from '../../src/model/sid.ts';
import { demandsDigest } from '../../src/reconcile/demands.ts';
import { type ReconcileInput, type Reconciliation, reconcile } from '../../src/reconcile/reconcile.ts';

export const corp = 'S-1-5-21-1004336348-1177238915-682003330';
export const domainAdmins: string = `${corp}-512`;
export const helpdesk: string = `${corp}-1106`;
export const contractor: string = `${corp}-1107`;
export const orphan = 'S-1-5-21-3623811015-3361044348-30300820-1013';
export const now = '2026-03-02T09:20:00.000Z';

export function ref(kind: Kind, name: string, line = 1): PolicyRef {
  return { kind, name, source: { file: `${name}.yaml`, line } };
}

export function pattern(source: string): Pattern {
  const body = source
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const regex = new RegExp(`^${body}$`, 'i');
  return { source, test: (value) => regex.test(value) };
}

export function provider(parts: Partial<DesiredProvider> = {}): DesiredProvider {
  return {
    ref: ref('EdrProvider', 'Production Tanium'),
    provider: 'tanium_cloud',
    name: 'Production Tanium',
    enable: true,
    apiBaseUrl: 'https://acme-api.cloud.tanium.com',
    apiKey: { env: 'TOKEN' },
    proxy: null,
    caFile: null,
    toggle: { name: 'tanium_cloud', enabled: true },
    options: {},
    optionsPolicy: 'merge',
    fields: defaultFields,
    principals: new Map(),
    deviceLabels: null,
    npsdVersion: null,
    apiKeyExpires: null,
    logs: { svcScan: null, bulkScan: null, taniumApi: null, mongod: null },
    ...parts,
  };
}

type Parts<T extends { ref: PolicyRef }> = Partial<Omit<T, 'ref'>> & { name?: string; line?: number };

export function computers(parts: Parts<ComputerPolicy> = {}): ComputerPolicy {
  const { name = 'computers', line, ...rest } = parts;
  return { ref: ref('ComputerPolicy', name, line), selector: {}, priority: 0, ...rest };
}

export function membership(parts: Parts<MembershipPolicy> = {}): MembershipPolicy {
  const { name = 'administrators', line, ...rest } = parts;
  return {
    ref: ref('LocalGroupMembership', name, line),
    selector: {},
    priority: 0,
    group: ADMINISTRATORS,
    mode: 'include',
    members: [],
    keep: [],
    ...rest,
  };
}

export function account(parts: Parts<AccountPolicy> = {}): AccountPolicy {
  const { name = 'breakglass', line, ...rest } = parts;
  return {
    ref: ref('LocalAccount', name, line),
    selector: {},
    priority: 0,
    account: { name: 'corp_breakglass' },
    ensure: 'present',
    properties: {},
    ...rest,
  };
}

export function rotation(parts: Parts<RotationPolicy> = {}): RotationPolicy {
  const { name = 'passwords', line, ...rest } = parts;
  const accounts = [{ name: 'corp_breakglass' }];
  return { ref: ref('PasswordRotationPolicy', name, line), selector: {}, priority: 0, accounts, ...rest };
}

/** What is held of `corp_breakglass` where the device shows {@link rotated}; nothing about it is due. */
export function holding({ current, ...parts }: Partial<Omit<Holding, 'current'>> & HeldParts = {}): Holding {
  return {
    account: 'corp_breakglass',
    rid: 1001,
    open: null,
    ...parts,
    current: current === null ? null : { ...heldPassword, ...current },
  };
}

interface HeldParts {
  readonly current?: Partial<HeldPassword> | null;
}

const heldPassword: HeldPassword = {
  rotation: 'r1',
  attempt: 1,
  generator: 'endpoint',
  setOn: '2026-02-11',
  keptOn: '2026-02-11',
  confirmed: true,
  demands: demandsDigest(defaultRotation),
  revealedAt: null,
};

export const rotated: RotationMark = { rid: 1001, id: 'r1', attempt: 1, state: 'set' };

export function exclusion(name: string, selector: Selector, until = '2026-06-01T00:00:00Z'): ExclusionPolicy {
  return { ref: ref('Exclusion', name), selector, until, reason: 'incident 42', owner: null };
}

export function member(
  principal: DesiredMember['principal'] | string,
  access: DesiredMember['access'] = 'persistent',
): DesiredMember {
  const source = { file: 'administrators.yaml', line: 7 };
  if (typeof principal !== 'string') return { principal, access, source };
  if (principal.startsWith('S-1-')) return { principal: { sid: principal, name: null }, access, source };
  return { principal: principal.includes('\\') ? { domainName: principal } : { localName: principal }, access, source };
}

export function recovery(...principals: (string | 'builtin')[]): NonNullable<ComputerPolicy['recovery']> {
  return principals.map((one) => ({
    principal: one === 'builtin' ? { builtin: 'administrator' } : member(one).principal,
    how: 'in the safe',
  }));
}

/** Budgets that let everything through: the tests of budgets say otherwise. */
const generous: RolloutPolicy = {
  ...defaultRollout,
  budgets: {
    removals: { absolute: null, percent: 100, floor: 1000, source: null },
    disables: { absolute: null, percent: 100, floor: 1000, source: null },
    rotations: { absolute: null, percent: 100, floor: 1000, source: null },
    devices: { absolute: null, percent: 100, floor: 1000, source: null },
  },
};

export function desired(parts: Partial<Desired> = {}): Desired {
  return {
    digest: 'd'.repeat(64),
    providers: [],
    computers: [],
    memberships: [],
    accounts: [],
    rotations: [],
    exclusions: [],
    baselines: [],
    posture: defaultPosture,
    content: compileContent([]),
    rollout: generous,
    notActedOn: [],
    ...parts,
  };
}

export function user(rid: number, name: string, parts: Partial<LocalUser> = {}): LocalUser {
  return {
    rid,
    name,
    fullName: '',
    description: '',
    flags: [],
    enabled: true,
    locked: false,
    expires: null,
    passwordSet: '2026-02-11',
    ...parts,
  };
}

export const administrator: LocalUser = user(500, 'Administrator', { enabled: false });
export const breakglass: LocalUser = user(1001, 'corp_breakglass');

/** Names as the domain resolves them; a local account and an orphan have none. */
const directory: Readonly<Record<string, string>> = {
  [domainAdmins]: 'CORP\\Domain Admins',
  [helpdesk]: 'CORP\\helpdesk-7',
  [contractor]: 'CORP\\contractor-x',
};

export interface InventoryParts extends Partial<Omit<Inventory, 'users' | 'groups'>> {
  readonly users?: readonly LocalUser[];
  /** SIDs of the members of Administrators; RID 500 is one always. */
  readonly admins?: readonly string[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

export function inventory(parts: InventoryParts = {}): Inventory {
  const { users = [breakglass], admins = [domainAdmins], groups = {}, ...rest } = parts;
  const all = { [ADMINISTRATORS]: [localSid(500), ...admins], ...groups };
  return {
    os: { build: '10.0.20348', kind: 'server' },
    powershell: '5.1',
    language: 'full',
    bits: 64,
    localAccounts: true,
    users: users.some(({ rid }) => rid === 500) ? users : [administrator, ...users],
    groups: Object.entries(all).map(([sid, members]) => ({ sid, members: members.map(groupMember) })),
    laps: { mode: 'none', rid: null },
    rotations: [],
    ...rest,
  };
}

function groupMember(sid: string): GroupMember {
  const name = Object.hasOwn(directory, sid) ? (directory[sid] ?? null) : null;
  return { sid, kind: name === null ? 'x' : 'g', name };
}

export interface Seen {
  readonly id: string;
  readonly name?: string;
  readonly domain?: string | null;
  readonly os?: string;
  /** An inventory, or the raw answer of the sensor. */
  readonly state?: Inventory | string;
}

/** As the real parser reads the real text of each device. */
export function observation(seen: readonly Seen[], parts: Partial<Observation> = {}): Observation {
  const texts: ObservedText[] = [];
  const indexOf = new Map<string, number>();
  const devices = seen.map(
    ({ id, name = `SRV-${id}`, domain = 'corp.example', os = 'Windows Server 2022', state }): ObservedDevice => {
      const text = typeof state === 'string' ? state : inventoryText(state ?? inventory());
      let index = indexOf.get(text);
      if (index === undefined) {
        index = texts.push(parseInventory(text)) - 1;
        indexOf.set(text, index);
      }
      return { computerId: id, name, domain, os, text: index };
    },
  );
  return {
    at: '2026-03-02T09:14:31Z',
    ageSeconds: 0,
    expected: seen.length,
    texts,
    devices: listed(devices),
    groupMembers: new Map(),
    ...parts,
  };
}

export function computer(id: string, parts: Partial<RecordedComputer> = {}): RecordedComputer {
  return {
    id,
    name: `SRV-${id}`,
    computerId: id,
    machineSid: null,
    identityConflict: null,
    domain: 'corp.example',
    ou: null,
    os: 'Windows Server 2022',
    scan: true,
    protect: 'JITA',
    offlineAccess: 'Unmanaged',
    edrIntegration: 'Production Tanium',
    insertedAt: '2026-01-01T00:00:00Z',
    lastSeenAt: null,
    lastScan: null,
    appliedSignature: null,
    failedSubjects: [],
    pendingUntil: null,
    sessions: [],
    ...parts,
  };
}

export function providerRow(parts: Partial<RecordedProvider> = {}): RecordedProvider {
  return {
    id: 'p1',
    provider: 'tanium_cloud',
    name: 'Production Tanium',
    enable: true,
    apiBaseUrl: 'https://acme-api.cloud.tanium.com',
    proxyUrl: null,
    proxyUsername: null,
    options: { ...defaultOptions },
    ...parts,
  };
}

export function recorded(parts: Partial<Recorded> = {}): Recorded {
  return {
    owner: 'embedded',
    toggle: { name: 'tanium_cloud', enabled: true },
    providers: [providerRow()],
    computers: [],
    applied: new Map(),
    spent: nothingSpent,
    contests: new Map(),
    orphans: new Map(),
    credentials: new Map(),
    actors: new Map(),
    rollout: null,
    ...parts,
  };
}

export interface World extends Partial<Omit<ReconcileInput, 'desired' | 'recorded' | 'observation'>> {
  readonly desired?: Partial<Desired>;
  readonly recorded?: Partial<Recorded>;
  readonly seen?: readonly Seen[];
  readonly scan?: Partial<Observation>;
}

/** Unless the test says otherwise, every device that was seen is enrolled and under Protect. */
export function inputOf(world: World): ReconcileInput {
  const { desired: wanted, recorded: known, seen = [], scan, ...rest } = world;
  return {
    desired: desired(wanted),
    provider: provider(),
    recorded: recorded({ computers: seen.map(({ id, name }) => computer(id, name ? { name } : {})), ...known }),
    observation: observation(seen, scan),
    labels: new Map(),
    only: null,
    rotate: null,
    allow: [],
    approve: [],
    placed: new Map(),
    attended: true,
    now,
    encodedLength,
    maxEncodedLength: maxParameterLength,
    ...rest,
  };
}

export function plan(world: World): Plan {
  return look(world).plan;
}

export function look(world: World): Reconciliation {
  return reconcile(inputOf(world));
}

/** `group.add CORP\x`, with the devices where a test has several. */
export function lines(changes: readonly Pick<PlannedChange, 'kind' | 'subject'>[]): string[] {
  return changes
    .map(({ kind, subject }) => {
      const about = subject['name'] ?? subject['member'] ?? subject['account'] ?? Object.values(subject).join(' ');
      return subject['property'] ? `${kind} ${about} ${subject['property']}` : `${kind} ${about}`.trim();
    })
    .toSorted(compareText);
}

/** `last-admin group.remove CORP\x`; a device that is held whole has no change. */
export function heldLines({ held }: Plan): string[] {
  return held
    .map(({ guard, kind, subject }) => (kind && subject ? `${guard} ${lines([{ kind, subject }])[0]}` : guard))
    .toSorted(compareText);
}

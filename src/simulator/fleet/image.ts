/** How a machine looks that was set up as it should be: every one of these satisfies `examples/minimal`. */
import type { LapsMode, MemberKind } from '../../model/inventory.ts';
import { ADMINISTRATORS, compareText, localSid, type Sid } from '../../model/sid.ts';
import {
  type MachineState,
  quietSurroundings,
  type SamGroup,
  type SamUser,
  type Surroundings,
} from '../windows/state.ts';
import { otherGroups } from './local-groups.ts';
import { settingsOf } from './settings.ts';
import { breakglass, corp, corpDirectory, domainAdmins, entraRoles, lapsAccountName } from './world.ts';

export interface Release {
  readonly os: string;
  readonly build: string;
  readonly kind: 'workstation' | 'server';
  /** UTC day on which its image was made: when the passwords of its own accounts were set. */
  readonly imaged: string;
}

export const releases: readonly Release[] = [
  { os: 'Windows Server 2016 Standard', build: '10.0.14393', kind: 'server', imaged: '2025-06-17' },
  { os: 'Windows Server 2019 Standard', build: '10.0.17763', kind: 'server', imaged: '2025-09-30' },
  { os: 'Windows Server 2022 Datacenter', build: '10.0.20348', kind: 'server', imaged: '2025-11-04' },
  { os: 'Windows Server 2025 Standard', build: '10.0.26100', kind: 'server', imaged: '2026-01-20' },
  { os: 'Windows 10 Enterprise', build: '10.0.19045', kind: 'workstation', imaged: '2025-04-08' },
  { os: 'Windows 11 Enterprise', build: '10.0.22631', kind: 'workstation', imaged: '2025-10-14' },
  { os: 'Windows 11 Enterprise', build: '10.0.26100', kind: 'workstation', imaged: '2026-02-11' },
];
/** Still has Windows PowerShell 4.0. */
export const oldRelease: Release = {
  os: 'Windows Server 2012 R2 Standard',
  build: '6.3.9600',
  kind: 'server',
  imaged: '2024-12-10',
};

export const languages = ['en', 'de', 'fr'] as const;
export type Language = (typeof languages)[number];

interface Words {
  readonly administrator: string;
  readonly guest: string;
  readonly administrators: string;
  readonly users: string;
  readonly guests: string;
  readonly remoteDesktop: string;
  readonly remoteManagement: string;
  readonly authenticated: string;
  readonly webUser: string;
}

const words: Record<Language, Words> = {
  en: {
    administrator: 'Administrator',
    guest: 'Guest',
    administrators: 'Administrators',
    users: 'Users',
    guests: 'Guests',
    remoteDesktop: 'Remote Desktop Users',
    remoteManagement: 'Remote Management Users',
    authenticated: 'NT AUTHORITY\\Authenticated Users',
    webUser: 'NT AUTHORITY\\IUSR',
  },
  de: {
    administrator: 'Administrator',
    guest: 'Gast',
    administrators: 'Administratoren',
    users: 'Benutzer',
    guests: 'Gäste',
    remoteDesktop: 'Remotedesktopbenutzer',
    remoteManagement: 'Remoteverwaltungsbenutzer',
    authenticated: 'NT-AUTORITÄT\\Authentifizierte Benutzer',
    webUser: 'NT-AUTORITÄT\\IUSR',
  },
  fr: {
    administrator: 'Administrateur',
    guest: 'Invité',
    administrators: 'Administrateurs',
    users: 'Utilisateurs',
    guests: 'Invités',
    remoteDesktop: 'Utilisateurs du Bureau à distance',
    remoteManagement: 'Utilisateurs de gestion à distance',
    authenticated: 'AUTORITE NT\\Utilisateurs authentifiés',
    webUser: 'AUTORITE NT\\IUSR',
  },
};

/** All in which two well-kept machines of a fleet can differ; equal traits make equal machines. */
export interface Traits {
  readonly release: Release;
  readonly language: Language;
  readonly join: 'domain' | 'entra';
  readonly powershell: string;
  readonly languageMode: 'full' | 'constrained';
  readonly laps: { readonly mode: LapsMode; readonly account: 'builtin' | 'custom' };
  /** New name of RID 500; null: not renamed. */
  readonly administratorName: string | null;
  readonly breakglassRid: number;
  /** Members of Administrators whose domain is gone. */
  readonly orphans: readonly Sid[];
}

const lapsRid = 1009;
const firstFreeRid = 1010;

/** The sensor runs in a 64-bit PowerShell, and nothing is out of the ordinary. */
export const ready: Pick<MachineState, 'bits' | 'localAccounts' | keyof Surroundings> = {
  bits: 64,
  localAccounts: true,
  ...quietSurroundings,
};

export function machineOf(traits: Traits): MachineState {
  const { release, language, join, laps } = traits;
  const lapsAccount =
    laps.mode !== 'none' && laps.account === 'custom' ? [ownAccount(lapsRid, lapsAccountName, traits)] : [];
  const users = [
    ...builtInUsers(release, language).map((user) =>
      user.rid === 500 ? { ...user, name: traits.administratorName ?? user.name } : user,
    ),
    { ...ownAccount(traits.breakglassRid, breakglass.name, traits), ...breakglass, flags: ['nx'] as const },
    ...lapsAccount,
  ].toSorted((a, b) => a.rid - b.rid);
  const administrators: Sid[] = [
    localSid(500),
    ...(join === 'domain' ? [domainAdmins, localSid(traits.breakglassRid)] : entraRoles),
    ...lapsAccount.map((user) => localSid(user.rid)),
    ...traits.orphans,
  ];
  return {
    os: { build: release.build, kind: release.kind },
    powershell: traits.powershell,
    language: traits.languageMode,
    ...ready,
    ...settingsOf(traits),
    users,
    groups: groupsOf(release, language, administrators, join === 'domain'),
    laps: { mode: laps.mode, rid: laps.mode === 'none' ? null : laps.account === 'builtin' ? 500 : lapsRid },
    rotations: [],
    nextRid: firstFreeRid,
  };
}

/** It has no SAM of its own: what it shows of accounts and groups is the domain's (windows-accounts.md C27). */
export function domainControllerOf(release: Release): MachineState {
  return {
    os: { build: release.build, kind: 'dc' },
    powershell: '5.1',
    language: 'full',
    ...ready,
    ...settingsOf({ release, join: 'domain', language: 'en' }),
    policy: {},
    users: [],
    groups: [],
    laps: { mode: 'none', rid: null },
    rotations: [],
    nextRid: firstFreeRid,
  };
}

export function builtInUsers(release: Release, language: Language): SamUser[] {
  const account = (rid: number, name: string, description: string): SamUser => ({
    rid,
    name,
    fullName: '',
    description,
    flags: rid === 501 ? ['nr', 'nx'] : rid === 500 ? ['nx'] : ['nr'],
    enabled: rid === 500 && release.kind === 'server',
    locked: false,
    expires: null,
    passwordSet: rid === 500 ? release.imaged : null,
    passwordNumber: 1,
  });
  return [
    account(500, words[language].administrator, 'Built-in account for administering the computer/domain'),
    account(501, words[language].guest, 'Built-in account for guest access to the computer/domain'),
    account(503, 'DefaultAccount', 'A user account managed by the system.'),
    account(
      504,
      'WDAGUtilityAccount',
      'A user account managed and used by the system for Windows Defender Application Guard scenarios.',
    ),
  ];
}

/** All that Windows has, as the script reports them. */
function groupsOf(
  release: Release,
  language: Language,
  administrators: readonly Sid[],
  inDomain: boolean,
): readonly SamGroup[] {
  const others = otherGroups(release, language).map(({ sid, name, members }) =>
    groupOf(sid, name, members, language, inDomain),
  );
  const all = [...builtInGroups(language, administrators, inDomain), ...others];
  return all.toSorted((a, b) => compareText(a.sid, b.sid));
}

/** The groups that people use: a machine of a fleet file has no more, so that what it answers is short enough to read. */
export function builtInGroups(language: Language, administrators: readonly Sid[], inDomain: boolean): SamGroup[] {
  const name = words[language];
  const users = ['S-1-5-11', ...(inDomain ? [`${corp.sid}-513`] : [])];
  const group = (sid: Sid, groupName: string, members: readonly Sid[]): SamGroup =>
    groupOf(sid, groupName, members, language, inDomain);
  return [
    group(ADMINISTRATORS, name.administrators, administrators),
    group('S-1-5-32-545', name.users, users),
    group('S-1-5-32-546', name.guests, [localSid(501)]),
    group('S-1-5-32-555', name.remoteDesktop, []),
    group('S-1-5-32-580', name.remoteManagement, []),
  ];
}

function groupOf(sid: Sid, name: string, members: readonly Sid[], language: Language, inDomain: boolean): SamGroup {
  const known = members.map((member) => ({ sid: member, ...principalOf(member, words[language], inDomain) }));
  return { sid, name, members: known.toSorted((a, b) => compareText(a.sid, b.sid)) };
}

function principalOf(
  sid: Sid,
  name: Words,
  inDomain: boolean,
): { readonly kind: MemberKind; readonly name: string | null } {
  if (sid.startsWith('~-')) return { kind: 'u', name: null };
  if (sid === 'S-1-5-11') return { kind: 'g', name: name.authenticated };
  if (sid === 'S-1-5-17') return { kind: 'g', name: name.webUser };
  const principal = inDomain ? corpDirectory.get(sid) : undefined;
  return { kind: principal?.kind ?? 'x', name: principal?.name ?? null };
}

function ownAccount(rid: number, name: string, { release }: Traits): SamUser {
  return {
    rid,
    name,
    fullName: '',
    description: '',
    flags: [],
    enabled: true,
    locked: false,
    expires: null,
    passwordSet: release.imaged,
    passwordNumber: 1,
  };
}

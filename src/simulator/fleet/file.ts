/**
 * A fleet described by hand, in YAML:
 *
 * ```yaml
 * devices:
 *   - name: SRV-SQL-01.corp.example     # the Computer Name; the only key that must be there
 *     computerId: 1234567890            # default: a number made of name and position
 *     kind: server                      # workstation, server, dc, linux, mac; default server, where os says so
 *     os: Windows Server 2022 Datacenter
 *     build: 10.0.20348
 *     domain: corp.example              # default: what the name says after its first dot; null: none
 *     machineSid: S-1-5-21-1-2-3        # default: made of name and position
 *     powershell: "5.1"
 *     languageMode: full                # or constrained
 *     bits: 64                          # or 32: of the PowerShell that the sensors run in
 *     localAccounts: true               # Windows has the module of this name
 *     language: en                      # of the installation: en, de, fr
 *     laps: { mode: ad, rid: 500 }      # none, ad, entra, legacy
 *     users:                            # besides Windows' own (RID 500, 501, 503, 504), or in the place of one
 *       - { rid: 500, name: root, enabled: false }
 *       - { name: corp_breakglass, fullName: …, description: …, flags: [nx], locked: false,
 *           expires: 2027-01-31, passwordSet: 2026-02-11 }
 *     groups:                           # in the place of the built-in ones of the same SID
 *       - sid: S-1-5-32-544             # default members: RID 500, and Domain Admins in CORP
 *         name: Administrators
 *         members: [~-500, corp_breakglass, S-1-5-21-…-512, { sid: S-1-5-21-…-1105, name: 'CORP\helpdesk-7', kind: u }]
 *     policy: { MinLength: 14, History: 24, MinAgeDays: 1, MaxAgeDays: 42 }
 *     registry: { 'HKLM:\SYSTEM\CurrentControlSet\Control\Lsa|RunAsPPL': 1 }
 *     cim: { Win32_Service: [{ Name: Backup, StartName: '.\ops' }] }   # null: cannot be read
 *     tasks: [{ Path: '\Nightly', UserId: 'SRV-1\ops' }]
 *     pools: [{ Name: Intranet, User: ops }]
 *     events: [{ id: 4732, time: '2026-03-02T08:00:00Z', data: { TargetSid: S-1-5-32-544, MemberSid: …, SubjectUserSid: …,
 *                SubjectDomainName: CORP, SubjectUserName: eve } }]
 *     files: { session: '{…}' }         # the scripts' state: session key and rotation journal
 *     deny: [Set-SamPassword]           # functions of the scripts that Windows refuses; slow, broken: or fails otherwise
 *     refuse: 1                         # so many passwords more are against the policy
 * ```
 *
 * A user may have `passwordSetAt: '2026-03-02T08:59:00Z'` and `password: …` too.
 *
 * A member that is not a SID is the name of a local account. Names of the CORP domain come from `world.ts`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TrueupError } from '../../errors.ts';
import type { Sid } from '../../model/sid.ts';
import { WindowsDevice } from '../windows/device.ts';
import { OtherDevice } from '../windows/other-device.ts';
import { retoldScripts, type Scripts } from '../windows/scripts.ts';
import { machineFrom } from './file-machine.ts';
import { surroundingKeys } from './file-surroundings.ts';
import type { Fleet, SimulatedDevice } from './fleet.ts';
import { oldRelease, type Release, releases } from './image.ts';
import { corp, corpDirectory, noDirectory } from './world.ts';
import { parseYaml, type YamlNode } from './yaml.ts';

/** Throws TRUEUP_SIMULATOR, with `file:line:column` where something in it is wrong. */
export function loadFleet(file: string, scripts: Scripts = retoldScripts): Fleet {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TrueupError('TRUEUP_SIMULATOR', `the fleet file ${file} cannot be read`, { origin: error });
  }
  return parseFleet(text, file, scripts);
}

/** `file` is for messages. */
export function parseFleet(text: string, file: string, scripts: Scripts = retoldScripts): Fleet {
  const root = parseYaml(text, file);
  const list = root.map(['devices']).get('devices') ?? root.fail('devices is missing');
  const byId = new Map<number, SimulatedDevice>();
  for (const [index, node] of list.list().entries()) {
    const device = deviceFrom(node, index, scripts);
    if (byId.has(device.computerId)) node.fail(`the fleet has two devices of computerId ${device.computerId}`);
    byId.set(device.computerId, device);
  }
  return { devices: [...byId.values()], byId };
}

const kinds = ['workstation', 'server', 'dc', 'linux', 'mac'] as const;
const deviceKeys = [
  'name',
  'computerId',
  'kind',
  'os',
  'build',
  'domain',
  'machineSid',
  'powershell',
  'languageMode',
  'bits',
  'localAccounts',
  'language',
  'laps',
  'users',
  'groups',
  ...surroundingKeys,
] as const;

function deviceFrom(node: YamlNode, index: number, scripts: Scripts): SimulatedDevice {
  const fields = node.map(deviceKeys);
  const nameNode = fields.get('name') ?? node.fail('name is missing');
  const name = nameNode.text();
  if (!/^[^\s.][^\s]{0,254}$/.test(name)) nameNode.fail('a Computer Name has 1 to 255 characters and no spaces');
  const kind =
    fields.get('kind')?.oneOf(kinds) ?? (/server/i.test(fields.get('os')?.text() ?? '') ? 'server' : 'workstation');
  const release = releaseOf(kind, fields.get('os')?.text());
  const digest = createHash('sha256').update(`${index} ${name}`).digest();
  const identity = {
    computerId: fields.get('computerId')?.integer(1, 0xffff_ffff) ?? 1_000_000_000 + (digest.readUInt32BE(0) >>> 1),
    name,
    os: release.os,
    domain: domainOfDevice(name, fields.get('domain')),
  };
  if (kind === 'linux' || kind === 'mac') return new OtherDevice(identity, kind === 'linux' ? 'Linux' : 'Mac');
  const numbers = [4, 8, 12].map((offset) => digest.readUInt32BE(offset));
  const machineSid = machineSidFrom(fields.get('machineSid')) ?? `S-1-5-21-${numbers.join('-')}`;
  const inDomain = identity.domain === corp.fqdn;
  const state = machineFrom(node, fields, { kind, release, inDomain, machineSid });
  return new WindowsDevice({ ...identity, machineSid }, state, inDomain ? corpDirectory : noDirectory, scripts);
}

function releaseOf(kind: (typeof kinds)[number], os: string | undefined): Release {
  const base = kind === 'workstation' ? 'workstation' : 'server';
  const known = [...releases, oldRelease].findLast((release) => release.os === os);
  const usual = releases.findLast((release) => release.kind === base) ?? oldRelease;
  const other = kind === 'linux' ? 'Debian GNU/Linux 12' : kind === 'mac' ? 'macOS 15' : usual.os;
  return known ?? { ...usual, os: os ?? other };
}

function domainOfDevice(name: string, node: YamlNode | undefined): string | null {
  if (node) return node.isNull() ? null : node.text();
  const dot = name.indexOf('.');
  return dot === -1 ? null : name.slice(dot + 1);
}

function machineSidFrom(node: YamlNode | undefined): Sid | null {
  if (!node) return null;
  const sid = node.text();
  return /^S-1-5-21(-(0|[1-9]\d{0,9})){3}$/.test(sid) ? sid : node.fail('a machine SID is S-1-5-21 and three numbers');
}

/**
 * What the seed document says of its two scripts (lines 256 to 294), statement by statement: of the encoder, of a simulated
 * device, and, where there is a pwsh on PATH, of the scripts themselves.
 */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/endpoint/base64.ts';
import { actionNames, complaintAbout } from '../../src/endpoint/command.ts';
import { commandLine, encodeCommands, encodeOperations } from '../../src/endpoint/encode.ts';
import { readPublicKey, sealBox } from '../../src/endpoint/envelope.ts';
import { asciiJson, type JsonObject } from '../../src/endpoint/json.ts';
import { decodeReports, type Report } from '../../src/endpoint/report.ts';
import { TrueupError } from '../../src/errors.ts';
import type { SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';
import { startScripts } from '../../src/simulator/powershell/scripts.ts';
import type { Scripts } from '../../src/simulator/windows/scripts.ts';
import { pwsh } from './powershell.ts';
import { deviceFor } from './vectors.ts';

const scripts = pwsh === null ? null : startScripts(process.env);
afterAll(() => scripts?.close());

const administrators = 'S-1-5-32-544';
const corp = 'S-1-5-21-1004336348-1177238915-682003330';
const hostileNames = ["'; rm -r /", '$(Get-Date)', '`whoami`', 'a\nb', '\u2019; calc; \u2019', '--%', '%TEMP%'];

function lineOf(text: string): string {
  return `.\\secureone_management.ps1 ${text}`;
}

interface Engine {
  readonly name: string;
  /** Undefined: the rules of the simulated devices. */
  readonly run: Scripts | undefined;
}

const engines: readonly Engine[] = [
  { name: 'a simulated device', run: undefined },
  ...(scripts === null ? [] : [{ name: 'the scripts', run: scripts }]),
];

describe.each(engines)('$name', ({ run }) => {
  function machine(name = 'SRV-1.corp.example', changed: JsonObject = {}): SimulatedDevice {
    return deviceFor({ machine: name, with: changed }, run);
  }

  function ask(device: SimulatedDevice, ...commands: readonly string[]): readonly Report[] {
    return decodeReports(device.run(toBase64(commands.map(lineOf).join('\n')))).reports;
  }

  function only(device: SimulatedDevice, command: string): Report {
    const [report] = ask(device, command);
    if (report === undefined) throw new Error(`no report of ${command}`);
    return report;
  }

  function membersOf(device: SimulatedDevice, group = administrators): readonly string[] {
    return device.truth().groups.find(({ sid }) => sid === group)?.members ?? [];
  }

  it('#144 knows three targets and no other', () => {
    const device = machine();
    for (const known of ['LocalGroup -Action List', 'LocalUser -Action List', 'General -Action SelfTest']) {
      expect(only(device, `-Target ${known}`)).toMatchObject({ status: 'ok', changed: false });
    }
    for (const target of ['Registry', 'LocalGroups', 'Local', 'Domain']) {
      const error = { code: 'bad-argument', message: `there is no action List of target ${target}` };
      expect(only(device, `-Target ${target} -Action List`)).toMatchObject({ status: 'failed', error });
    }
  });

  it('#145 does what is on the list, and nothing that is not', () => {
    const device = machine();
    const before = device.truth();
    for (const action of ['LocalGroup.Create', 'LocalUser.MemberList', 'General.Shell', 'LocalUser.Reset']) {
      const [target, verb] = action.split('.');
      expect(only(device, `-Target ${target} -Action ${verb}`)).toMatchObject({
        status: 'failed',
        error: { code: 'bad-argument', message: `there is no action ${verb} of target ${target}` },
      });
    }
    expect(device.truth()).toEqual(before);
  });

  it('#146 prints Base64, or with -SimpleResult plain JSON, of the same report', () => {
    const device = machine();
    const [plain = ''] = device.run(toBase64(lineOf('-Target LocalGroup -Action MemberList -SimpleResult')));
    const [encoded = ''] = device.run(toBase64(lineOf('-Target LocalGroup -Action MemberList')));
    expect(plain).toMatch(/^\{"v":1,.*\}$/);
    expect(encoded).toMatch(/^[A-Za-z0-9+/]+=*$/);
    const [one, other] = [plain, encoded].map((line) => decodeReports([line]).reports[0]);
    expect(one?.data).toEqual(other?.data);
    expect(one?.meta).toMatchObject({ ...other?.meta, ms: one?.meta?.ms });
  });

  it('#147 leaves out what a report is of, and is understood all the same', () => {
    const [whole, bare] = ask(
      machine(),
      '-Target LocalGroup -Action MemberList',
      '-Target LocalGroup -Action MemberList -NoMeta',
    );
    expect(whole?.meta?.action).toBe('LocalGroup.MemberList');
    expect(bare).toEqual({ ...whole, n: 2, meta: null });
  });

  it('#148 takes Administrators where no group is given, whatever its name is here', () => {
    for (const name of ['SRV-1.corp.example', 'WS-DE']) {
      const device = machine(name);
      const { data } = only(device, '-Target LocalGroup -Action MemberList');
      expect(data).toMatchObject({ group: { sid: administrators } });
      expect(only(device, `-Target LocalGroup -Action AddMember -MemberSID '${corp}-1106'`).changed).toBe(true);
      expect(membersOf(device)).toContain(`${corp}-1106`);
    }
  });

  it('#149 finds a group by its name, of whatever letters, and SID and name must mean the same one', () => {
    const name = 'Büro-Ärzte 管理';
    const device = machine('WS-DE', { groups: [{ sid: '~-2000', name, members: ['root'] }] });
    const list = `-Target LocalGroup -Action MemberList -GroupNameB64 '${toBase64(name)}'`;
    const data = { group: { sid: '~-2000', m: [{ s: '~-500', k: 'u' }] } };
    expect(only(device, list)).toMatchObject({ status: 'ok', data });
    expect(only(device, `${list} -GroupSID '~-2000'`)).toMatchObject({ status: 'ok', data });
    expect(only(device, `${list} -GroupSID '${administrators}'`)).toMatchObject({
      status: 'failed',
      error: {
        code: 'bad-argument',
        message: `-GroupSID ${administrators} and -GroupNameB64 ${name} are two groups`,
      },
    });
  });

  it('#150 adds and removes several members by SID in one command', () => {
    const device = machine();
    const sids = [`${corp}-1106`, `${corp}-1107`];
    const both = `-MemberSID '${sids.join(',')}'`;
    expect(only(device, `-Target LocalGroup -Action AddMember ${both}`)).toMatchObject({
      status: 'ok',
      changed: true,
      data: { group: administrators, members: sids },
    });
    expect(membersOf(device)).toEqual(expect.arrayContaining(sids));
    expect(only(device, `-Target LocalGroup -Action RemoveMember ${both}`).changed).toBe(true);
    for (const sid of sids) expect(membersOf(device)).not.toContain(sid);
    expect(only(device, "-Target LocalGroup -Action AddMember -MemberSID 'CORP\\helpdesk'")).toMatchObject({
      status: 'failed',
      error: { code: 'bad-argument', message: '-MemberSID is not a SID list' },
    });
  });

  it('#151 sets the properties of an account, each to its own value', () => {
    const device = machine();
    const keys = 'FullName,Description,PasswordNeverExpires';
    const values = ['Jürgen Groß', '', 'False'].map(toBase64).join(',');
    const set = `-Target LocalUser -Action SetProperty -UserRID 1001 -PropertyKey '${keys}' -PropertyValuesB64 '${values}'`;
    expect(only(device, set)).toMatchObject({ status: 'ok', changed: true });
    expect(only(device, '-Target LocalUser -Action Get -UserRID 1001').data).toMatchObject({
      user: { fn: 'Jürgen Groß', d: '', f: [] },
    });
    expect(only(device, set)).toMatchObject({ status: 'ok', changed: false });
  });

  it('#152 is given a password as ciphertext, and shows it nowhere', () => {
    const device = machine();
    const password = 'Kein-Wort-davon-9';
    const { data } = only(device, '-Target General -Action NewSession');
    const key = readPublicKey(String(data?.['publicKey']));
    if (key === null) throw new Error('no public key');
    const parameters = { UserRID: '1001', EncryptedPassword: sealBox(password, key) };
    const value = encodeCommands([{ target: 'LocalUser', action: 'SetPassword', parameters }]);
    const printed = device.run(value);
    expect(decodeReports(printed).reports[0]).toMatchObject({ status: 'ok', changed: true });
    const user = device.truth().users.find(({ rid }) => rid === 1001);
    expect(user?.passwordId).toBe(createHash('sha256').update(password).digest('hex'));
    const shown = [value, ...printed, device.inventory()].flatMap((text) => [
      text,
      Buffer.from(text, 'base64').toString(),
    ]);
    for (const spelled of [password, toBase64(password), Buffer.from(password, 'utf16le').toString('base64')]) {
      for (const text of shown) expect(text).not.toContain(spelled);
    }
  });

  it('#153 is given UTF-8 in Base64, and keeps umlauts, Chinese characters and quotes as they are', () => {
    for (const name of ['Jürgen 管理者', "O'Hara ‘x’", 'Ünï-𝔘']) {
      const device = machine();
      const rename = encodeOperations([{ kind: 'account.rename', account: { name: 'ops' }, to: name }]);
      expect(decodeReports(device.run(rename)).reports[0]).toMatchObject({ status: 'ok', changed: true });
      expect(device.truth().users.find(({ rid }) => rid === 1001)?.name).toBe(name);
    }
    const utf16 = Buffer.from(lineOf('-Target LocalUser -Action List'), 'utf16le').toString('base64');
    expect(decodeReports(machine().run(utf16)).reports[0]).toMatchObject({ status: 'refused', changed: false });
  });

  it('#154 takes a hostile name for a name', () => {
    for (const hostile of hostileNames) {
      const device = machine();
      const before = device.truth();
      const value = encodeOperations([
        { kind: 'account.set', account: { rid: 1001 }, property: 'Description', value: hostile },
        { kind: 'account.enable', account: { name: hostile } },
      ]);
      const { reports } = decodeReports(device.run(value));
      expect(reports).toMatchObject([{ status: 'ok' }, { status: 'failed', error: { code: 'not-found' } }]);
      expect(only(device, '-Target LocalUser -Action Get -UserRID 1001').data).toMatchObject({
        user: { d: hostile },
      });
      expect(device.truth()).toEqual(before);
    }
  });

  it('#155 answers the same as a sensor and in a package', () => {
    const device = machine();
    const [inventory, posture] = ask(device, '-Target General -Action Inventory', '-Target General -Action Posture');
    expect(asciiJson(inventory?.data)).toBe(device.inventory());
    expect(asciiJson(posture?.data)).toBe(device.posture());
  });
});

describe('the encoder', () => {
  it.each(['Registry', 'LocalGroups', 'Local', ''])('#144 refuses the target %j', (target) => {
    for (const action of ['List', 'MemberList', 'SetPassword', 'Inventory']) {
      expect(() => commandLine({ target, action, parameters: {} })).toThrow(TrueupError);
    }
  });

  it('#145 refuses an action that is not of its target', () => {
    const known = new Set(actionNames);
    expect([...known]).toEqual(expect.arrayContaining(['LocalGroup.MemberList', 'LocalUser.SetPassword']));
    for (const target of ['LocalGroup', 'LocalUser', 'General']) {
      for (const action of [...new Set(actionNames.map((name) => name.split('.')[1] ?? '')), 'Shell', '']) {
        const complaint = complaintAbout({ target, action, parameters: {} }) ?? '';
        const isUnknown = complaint === `there is no action ${action} of target ${target}`;
        expect(isUnknown).toBe(!actionNames.some((name) => name === `${target}.${action}`));
        if (isUnknown) expect(() => commandLine({ target, action, parameters: {} })).toThrow(TrueupError);
      }
    }
  });

  it('#150 has no room for a member by the name of a domain, which only a SID can mean everywhere', () => {
    for (const MemberSID of ['CORP\\Domain Admins', 'Domain Admins', 'admin@corp.example', '']) {
      expect(() => commandLine({ target: 'LocalGroup', action: 'AddMember', parameters: { MemberSID } })).toThrow(
        /-MemberSID is not a SID list/,
      );
    }
  });

  it('#152 has no parameter for a password in plain text, and takes none for ciphertext that is not Base64', () => {
    const parameters = { UserRID: '500', EncryptedPassword: 'hunter2!' };
    expect(() => commandLine({ target: 'LocalUser', action: 'SetPassword', parameters })).toThrow(TrueupError);
    const named = { UserRID: '500', Password: 'aHVudGVyMg==' };
    expect(complaintAbout({ target: 'LocalUser', action: 'SetPassword', parameters: named })).toBe(
      'LocalUser.SetPassword takes no -Password',
    );
  });
});

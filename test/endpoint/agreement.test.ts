/** The scripts and their rules told again in TypeScript, asked the same at random: no report and no state may differ. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { generateFleet, type SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';
import { startScripts } from '../../src/simulator/powershell/scripts.ts';
import { pwsh } from './powershell.ts';
import { machineOf } from './vectors.ts';

const machines = [
  'SRV-1.corp.example',
  'WS-DE',
  'WS-LAPS.corp.example',
  'SRV-APP.corp.example',
  'SRV-OLD.corp.example',
];

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** `values` of a parameter, in quotes. */
function given(name: string, ...values: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...values).map((value) => `-${name} '${value}'`);
}

function oneOf(...arbitraries: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.oneof(...arbitraries);
}

function all(...arbitraries: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...arbitraries).map((parts) => parts.filter((part) => part !== '').join(' '));
}

const none = fc.constant('');
const mostly = (usual: fc.Arbitrary<string>, ...odd: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: usual, weight: 4 * odd.length }, ...odd);

const names = ['Administrator', 'OPS', 'ops', 'root', 'lapsadmin', 'svc-app', 'Web', 'Jürgen', 'ßtraße', 'a.b c'];
const wrongNames = ['', '...', 'x@y', 'abcdefghijklmnopqrstu', 'Users', 'Benutzer', 'new\tline'];
const rids = ['500', '501', '1001', '1002', '1003'];
const wrongRids = ['4711', '4294967295', '4294967296'];
const name = given('UserNameB64', ...names.map(base64));
const rid = given('UserRID', ...rids);
const account = mostly(oneOf(name, rid), all(rid, name), given('UserRID', ...wrongRids), none);
const newName = mostly(name, given('UserNameB64', ...wrongNames.map(base64)));

const group = mostly(
  oneOf(none, given('GroupSID', 'S-1-5-32-544', 'S-1-5-32-555', 'S-1-5-32-580')),
  given('GroupSID', 'S-1-5-32-999', '~-1001'),
  given('GroupNameB64', ...['Administratoren', 'administrators', 'Guests', 'Gäste', 'nothing'].map(base64)),
);
const corp = 'S-1-5-21-1004336348-1177238915-682003330';
const memberSids = ['~-500', '~-1001', '~-1002', `${corp}-512`, `${corp}-1106`, 'S-1-5-21-9-9-9-9', 'S-1-5-11'].concat(
  'S-1-5-21-11-22-33-1001',
  'S-1-12-1-2893422147-1237094382-2381747873-2166241193',
);
const wrongSids = ['~-4711', 'S-1-5-32-545', 'S-1-5-21-1-2-3-4294967296', 'S-1-5'];
const list = (values: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 4 }).map((some) => some.join(','));
const member = mostly(
  list(memberSids).map((sids) => `-MemberSID '${sids}'`),
  list([...memberSids, ...wrongSids]).map((sids) => `-MemberSID '${sids}'`),
  list(names.map(base64)).map((some) => `-MemberNameB64 '${some}'`),
  none,
);

const property = fc.oneof(
  fc.tuple(
    fc.constantFrom('FullName', 'Description'),
    mostly(fc.constantFrom('', 'Größe „Ω“', '"\\\u007f\n'), fc.constant('x'.repeat(257))),
  ),
  fc.tuple(
    fc.constantFrom('PasswordNeverExpires', 'UserCannotChangePassword', 'PasswordNotRequired'),
    mostly(fc.constantFrom('True', 'false', 'TRUE'), fc.constant('1')),
  ),
);
const properties = fc.array(property, { minLength: 1, maxLength: 3 }).map(pairs);

function pairs(given: readonly (readonly [string, string])[]): string {
  const values = given.map(([, value]) => base64(value));
  return `-PropertyKey '${given.map(([key]) => key).join(',')}' -PropertyValuesB64 '${values.join(',')}'`;
}

const dependents = mostly(
  fc.constantFrom('ignore', 'refuse').map((value) => pairs([['Dependents', value]])),
  fc.constant(pairs([['Dependents', 'Ignore']])),
);
const namedProperties = fc
  .shuffledSubarray(
    [
      ['Name', 'nova'],
      ['Dependents', 'ignore'],
    ] as const,
    { minLength: 1 },
  )
  .map(pairs);

function action(
  target: string,
  names: readonly string[],
  ...parameters: readonly fc.Arbitrary<string>[]
): fc.Arbitrary<string> {
  const what = fc.constantFrom(...names).map((name) => `-Target ${target} -Action ${name}`);
  const output = oneOf(none, none, none, fc.constant('-NoMeta'));
  return all(fc.constant('.\\secureone_management.ps1'), what, output, ...parameters);
}

const command = fc.oneof(
  action('LocalGroup', ['AddMember', 'RemoveMember'], group, member),
  action('LocalUser', ['Enable', 'Disable', 'Unlock', 'Delete', 'Get'], account),
  action('LocalUser', ['Disable', 'Delete'], account, dependents),
  action('LocalUser', ['Create'], newName, oneOf(none, properties)),
  action('LocalUser', ['SetProperty'], account, properties),
  action(
    'LocalUser',
    ['Rename'],
    account,
    newName.map((text) => text.replace('UserNameB64', 'PropertyValuesB64')),
  ),
  action('LocalUser', ['Rename'], account, namedProperties),
  action('LocalGroup', ['List', 'MemberList'], oneOf(none, group)),
  action('General', ['Inventory', 'Posture', 'SelfTest', 'Usage', 'Attribution'], oneOf(none, none, account)),
  action('LocalUser', ['List', 'Disable', 'MemberList'], oneOf(group, member, account, properties)),
);

function textOf(line: string): string {
  return (line.startsWith('{') ? line : Buffer.from(line, 'base64').toString('latin1')).replace(/,"ms":\d+/, '');
}

/** Without the password that each of them drew for itself. */
function truthOf(device: SimulatedDevice): unknown {
  const { users, groups } = device.truth();
  return { users: users.map(({ rid, name, enabled }) => ({ rid, name, enabled })), groups };
}

describe.skipIf(pwsh === null)('the scripts and the simulated devices', () => {
  const scripts = pwsh === null ? undefined : startScripts(process.env);
  afterAll(() => scripts?.close());

  it('say and do the same, whatever they are asked', { timeout: 120_000 }, () => {
    const action = fc.array(command, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...machines), fc.array(action, { minLength: 1, maxLength: 3 }), (name, actions) => {
        const [real, retold] = [machineOf(name, scripts), machineOf(name)];
        for (const commands of actions) {
          const parameter = base64(commands.join('\n'));
          expect(real.run(parameter).map(textOf)).toEqual(retold.run(parameter).map(textOf));
        }
        expect(truthOf(real)).toEqual(truthOf(retold));
        expect(real.inventory()).toBe(retold.inventory());
        expect(real.posture()).toBe(retold.posture());
      }),
      { numRuns: 100 },
    );
  });

  it('answer the same of every device of a fleet', { timeout: 60_000 }, () => {
    const options = { devices: 60, drift: 0.5, seed: 11 };
    const [real, retold] = [generateFleet(options, scripts), generateFleet(options)];
    for (const [index, device] of real.devices.entries()) {
      expect(device.inventory()).toBe(retold.devices[index]?.inventory());
      expect(device.posture()).toBe(retold.devices[index]?.posture());
    }
  });
});

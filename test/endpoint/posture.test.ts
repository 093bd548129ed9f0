import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postureItems, postureTable } from '../../src/endpoint/posture/items.ts';
import { type PostureReadings, parsePosture, postureOf, postureText, typeOf } from '../../src/endpoint/posture.ts';
import type { Posture } from '../../src/model/posture.ts';
import { type Loop, pwsh, scripts, startLoop } from './powershell.ts';

const rawReadings = postureItems.flatMap((item) => item.readings);

/** Values of every kind that a registry, a policy or CIM may hold where a number is expected. */
const raw = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 5, -1, 255, 537395200, 2147483647, '0', '1', 'Block', '', ' 1', '1\n', 1.5, null),
  fc.boolean(),
  fc.array(fc.constantFrom(0, 1, 2, 4), { maxLength: 3 }),
);

function recordOf<T>(keys: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] }) as fc.Arbitrary<
    Record<string, T>
  >;
}

const registryNames = rawReadings.flatMap(({ from, name }) =>
  from.kind === 'registry' ? [`${from.key}|${name}`] : [],
);
const cimRows = new Map<string, Set<string>>();
for (const { from, name } of rawReadings) {
  if (from.kind === 'cim') cimRows.set(from.class, new Set([...(cimRows.get(from.class) ?? []), name]));
}

const readings: fc.Arbitrary<PostureReadings> = fc.record({
  kind: fc.constantFrom('workstation', 'server'),
  device: fc.record(
    {
      build: fc.constantFrom('10.0.26100', '6.3.9600'),
      powershell: fc.constantFrom('5.1', '4.0'),
      laps: fc.constantFrom('none', 'ad', 'entra', 'legacy'),
      on500: fc.boolean(),
      on501: fc.boolean(),
    },
    { requiredKeys: ['build', 'powershell', 'laps'] },
  ),
  policy: recordOf(['MinLength', 'History', 'LockoutThreshold'], fc.option(fc.nat(1000))),
  registry: recordOf(registryNames, raw),
  cim: fc.record(
    Object.fromEntries(
      [...cimRows].map(([name, columns]) => [
        name,
        fc.array(
          fc
            .tuple(fc.constantFrom('C:', 'D:'), recordOf([...columns], raw))
            .map(([DriveLetter, row]) => ({ DriveLetter, ...row })),
          { maxLength: 2 },
        ),
      ]),
    ),
  ),
}) as fc.Arbitrary<PostureReadings>;

const example: PostureReadings = {
  kind: 'server',
  device: { build: '10.0.20348', powershell: '5.1', laps: 'ad', on500: false, on501: false },
  policy: { MinLength: 14, History: 24, LockoutThreshold: null },
  registry: {
    'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Lsa|RunAsPPL': 2,
    'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server|fDenyTSConnections': 1,
    'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services|fDenyTSConnections': 0,
    'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\Spooler|Start': 4,
    'HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters|RequireSecuritySignature': 1,
  },
  cim: {
    Win32_EncryptableVolume: [
      { DriveLetter: 'D:', ProtectionStatus: 0 },
      { DriveLetter: 'C:', ProtectionStatus: 1 },
    ],
    Win32_DeviceGuard: [{ SecurityServicesRunning: [2, 1] }],
  },
};

const exampleText =
  '{"v":1,"kind":"server","accounts":{"administratorEnabled":false,"guestEnabled":false},"bitlocker":{"systemDrive":true},' +
  '"dns":{"llmnr":true},"installer":{"alwaysElevated":false},"laps":{"mode":"ad"},"lsa":{"protection":true,"wdigest":false},' +
  '"ntlm":{"level":3},"os":{"build":"10.0.20348"},"password":{"history":24,"minLength":14},' +
  '"powershell":{"scriptBlockLogging":false,"transcription":false,"version":"5.1"},"printing":{"adminsInstallDrivers":true,"spoolerDisabled":true},' +
  '"rdp":{"enabled":true},"smb":{"requireSigning":true,"v1ClientDisabled":true},"uac":{"filterNetworkLogons":true},' +
  '"vbs":{"credentialGuard":true}}';

describe('the items of the posture', () => {
  it('are 35 to 50, each once, in order, with a meaning and a public source', () => {
    const paths = postureItems.map(({ path }) => path);
    expect(paths.length).toBeGreaterThanOrEqual(35);
    expect(paths.length).toBeLessThanOrEqual(50);
    expect(paths).toEqual([...new Set(paths)].toSorted());
    for (const { path, meaning, source, readings: from } of postureItems) {
      expect(path).toMatch(/^[a-z][A-Za-z]+\.[a-z][A-Za-z0-9]+$/);
      expect(meaning, path).toMatch(/^[A-Za-z][^|]+[^.]$/);
      expect(source, path).toMatch(/^(CIS Benchmark: .+|learn\.microsoft\.com\/[a-z0-9./-]+)$/);
      expect(new Set(from.map(({ form }) => typeOf(form))).size, path).toBe(1);
    }
  });

  it('stand in the table of the script in the order in which they are to be tried', () => {
    const tried = new Map<string, string[]>();
    let place = '';
    for (const line of postureTable().split('\n')) {
      if (line.startsWith('>')) place = line;
      const [path = '', form = '', name = '', absent = ''] = line.split(' ');
      if (line.startsWith('>')) continue;
      tried.set(path, [...(tried.get(path) ?? []), `${place} ${form} ${name} ${absent}`.trimEnd()]);
    }
    expect([...tried.keys()].toSorted()).toEqual(postureItems.map(({ path }) => path));
    expect(tried.get('rdp.enabled')).toEqual([
      '>P NT\\Terminal Services n fDenyTSConnections',
      '>CTerminal Server n fDenyTSConnections',
    ]);
    expect(tried.get('ntlm.level')).toEqual(['>CLsa i LmCompatibilityLevel 3']);
    for (const item of postureItems) expect(tried.get(item.path)?.length, item.path).toBe(item.readings.length);
  });
});

describe('a posture', () => {
  it('says what was found, a documented default where that is sure, and nothing else', () => {
    expect(postureText(postureOf(example))).toBe(exampleText);
  });

  it('goes by the policy before the setting of the machine', () => {
    const policyKey = 'HKLM:\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services|fDenyTSConnections';
    const { [policyKey]: _, ...registry } = example.registry ?? {};
    expect(postureOf(example).values['rdp.enabled']).toBe(true);
    expect(postureOf({ ...example, registry }).values['rdp.enabled']).toBe(false);
  });

  it('leaves out what is there but has no proper form', () => {
    const key = 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Lsa|LmCompatibilityLevel';
    for (const value of ['high', '', [3, 5], 1.5, {}]) {
      expect(postureOf({ ...example, registry: { [key]: value } }).values).not.toHaveProperty('ntlm.level');
    }
    expect(postureOf({ ...example, registry: { [key]: '5' } }).values).toHaveProperty(['ntlm.level'], 5);
  });

  it('is one line of ASCII, from which the same posture is read', () => {
    fc.assert(
      fc.property(readings, (found) => {
        const posture = postureOf(found);
        const written = postureText(posture);
        expect(written).toMatch(/^[\x20-\x7e]+$/);
        expect(parsePosture(written)).toEqual({ text: written, kind: 'posture', posture });
      }),
    );
  });

  it('keeps items that this version does not know', () => {
    const name = fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/);
    const group = name.filter((text) => text !== 'v' && text !== 'kind');
    const path = fc.tuple(group, name).map(([a, b]) => `${a}.${b}`);
    const known = new Set(postureItems.map((item) => item.path));
    const value = fc.oneof(fc.boolean(), fc.integer(), fc.string({ unit: 'binary', maxLength: 40 }));
    fc.assert(
      fc.property(fc.constantFrom('workstation', 'server', 'dc'), fc.dictionary(path, value), (kind, found) => {
        const entries = Object.entries(found).filter(([key]) => !known.has(key));
        const posture: Posture = { kind, values: Object.fromEntries(entries) };
        const written = postureText(posture);
        expect(parsePosture(written)).toEqual({ text: written, kind: 'posture', posture });
      }),
    );
  });
});

describe('an answer of the posture sensor', () => {
  const kindOf = (answer: string): string => {
    const parsed = parsePosture(answer);
    return parsed.kind === 'posture' ? 'a posture' : `${parsed.kind}: ${parsed.message}`;
  };
  const altered = (change: (json: Record<string, any>) => void): string => {
    const json = JSON.parse(exampleText);
    change(json);
    return JSON.stringify(json);
  };

  it('that holds no state is told from one that does', () => {
    expect(kindOf(exampleText)).toBe('a posture');
    expect(kindOf('Not available on Mac')).toBe('not-windows: another platform');
    expect(kindOf(' \r\n')).toBe('no-answer: an empty answer');
    expect(kindOf('[No Results]')).toBe('no-answer: [No Results]');
    expect(kindOf('TSE-Error: No Sensor Definition for this Platform')).toMatch(/^no-answer: TSE-Error/);
    expect(kindOf('{"v":1,"error":{"code":"access-denied","message":"denied"}}')).toBe(
      'no-answer: access-denied: denied',
    );
  });

  it('of another sensor is malformed, also when it is JSON', () => {
    expect(kindOf('{"v":1,"users":[]}')).toBe('malformed: JSON, but not of this sensor');
    expect(kindOf('[1]')).toBe('malformed: JSON, but not of this sensor');
    expect(kindOf('CORP\\x')).toBe('malformed: neither JSON nor a known marker; perhaps cut');
  });

  it('that was cut at any place is malformed', () => {
    for (let length = 1; length < exampleText.length; length += 1) {
      expect(parsePosture(exampleText.slice(0, length)).kind).toBe('malformed');
    }
  });

  it.each([
    ['a newer version', (j) => (j['v'] = 2), 'version 2 of the posture is not known'],
    ['an unknown kind', (j) => (j['kind'] = 'router'), 'posture.kind is not one of workstation, server, dc'],
    ['a group that is a list', (j) => (j['smb'] = []), 'posture.smb is not an object'],
    ['a group without a proper name', (j) => (j['a.b'] = {}), 'a group of the posture has no proper name'],
    ['an item without a proper name', (j) => (j['smb']['$where'] = 1), 'an item of posture.smb has no proper name'],
    ['a number for a flag', (j) => (j['smb'].requireSigning = 1), 'posture.smb.requireSigning is not true or false'],
    ['a text for a number', (j) => (j['ntlm'].level = '5'), 'posture.ntlm.level is not a whole number'],
    ['a fraction', (j) => (j['ntlm'].level = 1.5), 'posture.ntlm.level is not a whole number'],
    [
      'an endless text',
      (j) => (j['os'].build = '1'.repeat(300)),
      'posture.os.build is not a text of at most 256 characters',
    ],
    [
      'an unknown item that is null',
      (j) => (j['new'] = { item: null }),
      'posture.new.item is not true, false, a whole number or a text of at most 256 characters',
    ],
    [
      'countless items',
      (j) => (j['new'] = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`item${n}`, n]))),
      'posture has more than 1000 items',
    ],
  ] as [string, (json: Record<string, any>) => unknown, string][])(
    'with %s is malformed and says where',
    (_, change, message) => {
      expect(kindOf(altered(change))).toBe(`malformed: ${message}`);
    },
  );

  it('never makes the parser throw', () => {
    const mutated = fc
      .tuple(fc.nat(exampleText.length), fc.nat(10), fc.string({ maxLength: 10 }))
      .map(([at, drop, insert]) => exampleText.slice(0, at) + insert + exampleText.slice(at + drop));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (answer) => {
        expect(['posture', 'not-windows', 'no-answer', 'malformed']).toContain(parsePosture(answer).kind);
      }),
      { numRuns: 500 },
    );
    expect(parsePosture('['.repeat(90_000)).kind).toBe('malformed');
    expect(parsePosture('x'.repeat(100_001))).toMatchObject({ message: 'too long for a posture' });
    expect(kindOf('{"v":1,"kind":"dc","__proto__":{"item":true}}')).toBe(
      'malformed: a group of the posture has no proper name',
    );
  });
});

describe('the script', () => {
  it('holds the very table of the items', () => {
    expect(readFileSync(join(scripts, 'secureone_management.ps1'), 'utf8')).toContain(`\n${postureTable()}\n`);
  });
});

describe.skipIf(pwsh === null)('the posture that the script prints', { timeout: 120_000 }, () => {
  let loop: Loop;
  beforeAll(() => {
    loop = startLoop(join(scripts, 'test/posture.loop.ps1'));
  });
  afterAll(() => loop.end());

  it('is the same as the simulated device makes of the same values', async () => {
    expect(await loop.ask(JSON.stringify(example))).toBe(exampleText);
    await fc.assert(
      fc.asyncProperty(readings, async (found) => {
        expect(await loop.ask(JSON.stringify(found))).toBe(postureText(postureOf(found)));
      }),
      { numRuns: 100 },
    );
  });

  it('leaves out what a domain controller has no accounts for', async () => {
    const { device, policy: _, ...rest } = example;
    const dc: PostureReadings = {
      ...rest,
      kind: 'dc',
      device: { build: device.build, powershell: device.powershell },
      policy: {},
    };
    expect(await loop.ask(JSON.stringify({ ...example, kind: 'dc' }))).toBe(postureText(postureOf(dc)));
  });
});

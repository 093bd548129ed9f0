import { describe, expect, it } from 'vitest';
import { type Schema, schemaOf } from '../../src/desired/schemas.ts';
import { type Desired, defaultRollout } from '../../src/model/desired.ts';
import { secondsOf } from '../../src/model/duration.ts';
import { defaultFields } from '../../src/model/provider-fields.ts';
import { type DeviceAttributes, type Selector, selects } from '../../src/model/selector.ts';
import { desiredOf, document, provider } from './repository.ts';

const device: DeviceAttributes = {
  name: 'SRV-DB-01.corp.example',
  domain: 'corp.example',
  ou: 'CN=SRV-DB-01,OU=Databases,OU=Servers,DC=corp,DC=example',
  os: 'Windows Server 2022 Datacenter',
  labels: { site: 'Berlin' },
  taniumGroups: ['All Windows Computers'],
  insertedSecondsAgo: 3600,
};

async function selectorOf(selector: string): Promise<Selector> {
  const { computers } = await desiredOf({
    'a.yaml': document('ComputerPolicy', `selector: ${selector}`),
    'p.yaml': provider(),
  });
  return computers[0]?.selector ?? {};
}

describe('a selector', () => {
  const matching = [
    '{}',
    '{ name: srv-db-* }',
    '{ name: SRV-DB-01.corp.example }',
    '{ name: "SRV-DB-0?" }',
    '{ name: [WS-*, "/^srv-/"] }',
    '{ domain: CORP.EXAMPLE, os: "windows server*" }',
    '{ ou: "OU=Servers,DC=corp,DC=example" }',
    '{ ou: "ou=servers, dc=corp, dc=example" }',
    '{ ou: "*,OU=Databases,*" }',
    '{ labels: { site: "b*" } }',
    '{ taniumGroup: [Other, All Windows Computers] }',
    '{ insertedWithin: 1h }',
    '{ os: "*Server*", exclude: { name: LAB-* } }',
    '{ exclude: [{ name: LAB-* }, { os: Windows 11 }] }',
  ];
  it.each(matching)('%s selects the device', async (selector) => {
    expect(selects(await selectorOf(selector), device)).toBe(true);
  });

  const missing = [
    '{ name: DB-* }',
    '{ name: srv }',
    '{ name: SRV-DB-01, domain: other.example }',
    '{ os: Windows Server 2022 }',
    '{ ou: "OU=Serv,DC=corp,DC=example" }',
    '{ ou: "OU=Databases" }',
    '{ labels: { site: Berlin, tier: "*" } }',
    '{ taniumGroup: all windows computers }',
    '{ insertedWithin: 59m }',
    '{ exclude: { name: SRV-* } }',
    '{ exclude: [{ name: WS-* }, { labels: { site: Berlin } }] }',
  ];
  it.each(missing)('%s does not', async (selector) => {
    expect(selects(await selectorOf(selector), device)).toBe(false);
  });
});

describe('what is declared', () => {
  it('becomes the desired state, and what is left out is not spoken of', async () => {
    const desired = await desiredOf({
      'p.yaml': provider(`name: Tanium
proxy: { url: "http://proxy:3128", username: svc, password: { command: [vault, read] } }
tls: { ca: root.pem }
releaseToggle: { enabled: false }
options: { sensor_name: S, bulk_scan_enabled: false }
optionsPolicy: exact
fields: { collections: { computers: ldap_store } }
principals: [{ name: CORP\\x, sid: S-1-5-21-1-2-3-1105 }]
deviceLabels: labels.csv`),
      'a.yaml': document(
        'LocalGroupMembership',
        'selector: {}\npriority: 7\nmode: exact\ngroup: { sid: S-1-5-32-555 }\nmembers:\n  - { sid: S-1-5-21-1-2-3-1106, name: CORP\\y, access: absent }\n  - name: CORP\\z\n  - { name: .\\setup, access: jita }\n  - { builtin: administrator }\nkeep: [lapsadmin]',
      ),
      'b.yaml': document(
        'LocalAccount',
        'selector: {}\nname: a\nenabled: false\nfullName: A\npasswordNotRequired: false\nrename: b',
      ),
      'c.yaml': document(
        'ComputerPolicy',
        'selector: {}\nenroll: true\nscan: Disabled\nmaxScanAge: 2d\nrecovery: [{ builtin: administrator, how: safe }]',
      ),
      'd.yaml': document('Exclusion', 'selector: { name: SRV-* }\nuntil: 2026-06-30\nreason: move\nowner: dba'),
      'e.yaml': document(
        'Rollout',
        'budgets:\n  removals: 3\n  disables: 5%\n  devices: { absolute: 50, percent: 2.5, floor: 5 }\nminObserved: 80%',
      ),
    });
    const ref = (kind: string, file: string): object => ({ kind, name: 'x', source: { file, line: 1 } });
    expect(desired.providers).toEqual([
      {
        ref: { kind: 'EdrProvider', name: 'Production Tanium', source: { file: 'p.yaml', line: 1 } },
        provider: 'tanium_cloud',
        name: 'Tanium',
        enable: true,
        apiBaseUrl: { env: 'TRUEUP_TANIUM_URL' },
        apiKey: { env: 'TRUEUP_TANIUM_TOKEN' },
        proxy: { url: 'http://proxy:3128', username: 'svc', password: { command: ['vault', 'read'] } },
        caFile: 'root.pem',
        toggle: { name: 'tanium_cloud', enabled: false },
        options: { sensor_name: 'S', bulk_scan_enabled: false },
        optionsPolicy: 'exact',
        fields: { ...defaultFields, collections: { ...defaultFields.collections, computers: 'ldap_store' } },
        principals: new Map([['CORP\\x', 'S-1-5-21-1-2-3-1105']]),
        deviceLabels: 'labels.csv',
        apiKeyExpires: null,
        npsdVersion: null,
        logs: { svcScan: null, bulkScan: null, taniumApi: null, mongod: null },
      },
    ]);
    const source = (line: number): object => ({ file: 'a.yaml', line });
    expect(desired.memberships).toEqual([
      {
        ref: ref('LocalGroupMembership', 'a.yaml'),
        selector: {},
        priority: 7,
        group: 'S-1-5-32-555',
        mode: 'exact',
        members: [
          { principal: { sid: 'S-1-5-21-1-2-3-1106', name: 'CORP\\y' }, access: 'absent', source: source(10) },
          { principal: { domainName: 'CORP\\z' }, access: 'persistent', source: source(11) },
          { principal: { localName: 'setup' }, access: 'jita', source: source(12) },
          { principal: { builtin: 'administrator' }, access: 'persistent', source: source(13) },
        ],
        keep: [{ source: 'lapsadmin', test: expect.any(Function) as unknown }],
      },
    ]);
    expect(desired.accounts).toEqual([
      {
        ref: ref('LocalAccount', 'b.yaml'),
        selector: {},
        priority: 0,
        account: { name: 'a' },
        ensure: 'present',
        enabled: false,
        renameTo: 'b',
        properties: { FullName: 'A', PasswordNotRequired: false },
      },
    ]);
    expect(desired.computers).toEqual([
      {
        ref: ref('ComputerPolicy', 'c.yaml'),
        selector: {},
        priority: 0,
        enroll: true,
        scan: false,
        maxScanAgeSeconds: 172_800,
        recovery: [{ principal: { builtin: 'administrator' }, how: 'safe' }],
      },
    ]);
    expect(desired.exclusions).toMatchObject([
      { ref: ref('Exclusion', 'd.yaml'), until: '2026-07-01T00:00:00.000Z', reason: 'move', owner: 'dba' },
    ]);
    const budget = (line: number): object => ({ file: 'e.yaml', line });
    expect(desired.rollout).toEqual({
      ref: ref('Rollout', 'e.yaml'),
      budgets: {
        removals: { absolute: 3, percent: null, floor: 0, source: budget(6) },
        disables: { absolute: null, percent: 5, floor: 0, source: budget(7) },
        rotations: defaultRollout.budgets.rotations,
        devices: { absolute: 50, percent: 2.5, floor: 5, source: budget(8) },
      },
      minObserved: { percent: 80, source: budget(9) },
      pauses: [],
      windows: [],
      canaries: null,
      waves: [],
      gate: null,
    });
  });

  it('knows canaries, waves and the gate between them', async () => {
    const { rollout, notActedOn } = await desiredOf({
      'p.yaml': provider(),
      'r.yaml': document(
        'Rollout',
        'canaries: { devices: 5 }\nwaves: [{ name: pilot, size: 10%, selector: { name: "SRV-*" } }, { size: 20 }, { size: rest, requireApproval: true }]\ngate: { success: 99.5%, within: 20m }',
      ),
    });
    expect(notActedOn).toEqual([]);
    const at = (line: number): object => ({ file: 'r.yaml', line });
    expect(rollout).toMatchObject({
      canaries: { devices: 5, selector: null, source: at(5) },
      waves: [
        { name: 'pilot', size: { percent: 10 }, requireApproval: false, source: at(6) },
        { name: null, size: { devices: 20 }, selector: null, requireApproval: false, source: at(6) },
        { name: null, size: 'rest', selector: null, requireApproval: true, source: at(6) },
      ],
      gate: { percent: 99.5, withinSeconds: 1200, source: at(7) },
    });
    expect(rollout.waves[0]?.selector?.name?.[0]?.test('srv-1')).toBe(true);
  });

  it('knows the maintenance windows, in minutes of their days', async () => {
    const { rollout, notActedOn } = await desiredOf({
      'p.yaml': provider(),
      'r.yaml': document(
        'Rollout',
        'maintenanceWindows: [{ from: "22:00", to: "04:30", days: [Sat], timeZone: Europe/Berlin }, { from: "12:00", to: "13:00" }]',
      ),
    });
    expect(notActedOn).toEqual([]);
    expect(rollout.windows).toMatchObject([
      { days: ['Sat'], from: 1320, to: 270, timeZone: 'Europe/Berlin', source: { file: 'r.yaml' } },
      { days: null, from: 720, to: 780, timeZone: 'UTC' },
    ]);
  });

  it('knows when nothing may be changed: freezes and a suspension, a day counted whole', async () => {
    const rollout = (spec: string) => ({ 'p.yaml': provider(), 'r.yaml': document('Rollout', spec) });
    const timed = await desiredOf(
      rollout(
        'freeze: { from: 2026-12-19, until: 2027-01-03, reason: year end }\nsuspend: { until: 2026-03-04T10:00:00+02:00, reason: INC-1 }',
      ),
    );
    expect(timed.notActedOn).toEqual([]);
    expect(timed.rollout.pauses).toMatchObject([
      {
        guard: 'suspended',
        from: null,
        until: '2026-03-04T08:00:00.000Z',
        reason: 'INC-1',
        source: { file: 'r.yaml' },
      },
      { guard: 'freeze', from: '2026-12-19T00:00:00.000Z', until: '2027-01-04T00:00:00.000Z', reason: 'year end' },
    ]);
    const open = await desiredOf(rollout('freeze: true'));
    expect(open.rollout.pauses).toMatchObject([{ guard: 'freeze', from: null, until: null, reason: null }]);
    expect((await desiredOf(rollout('freeze: false'))).rollout.pauses).toEqual([]);
  });

  it('knows baselines: what is demanded of which item, how badly, and where that is said', async () => {
    const { baselines, posture } = await desiredOf({
      'a.yaml': provider(),
      'b.yaml': document(
        'ComplianceBaseline',
        `selector: { os: "Windows Server*" }
checks:
  - { path: smb.requireSigning, op: equals, value: true, severity: high }
  - { id: build, path: os.build, op: atLeast, value: "10.0.17763" }
  - { path: laps.mode, op: matches, value: "/^(ad|entra)$/", severity: info }
  - { path: uac.adminPrompt, op: notIn, value: [0, 5] }
  - { path: tpm.enabled, op: exists }`,
        'servers',
      ),
      'c.yaml': document('TaniumContent', 'postureSensor: { name: Our Posture, maxAge: 6h }'),
    });
    expect(posture).toEqual({ sensor: 'Our Posture', maxAgeSeconds: 21_600 });
    const [baseline] = baselines;
    expect(baseline).toMatchObject({
      ref: { kind: 'ComplianceBaseline', name: 'servers', source: { file: 'b.yaml', line: 1 } },
      checks: [
        {
          id: 'smb.requireSigning',
          path: 'smb.requireSigning',
          demand: { op: 'equals', value: true },
          severity: 'high',
          source: { file: 'b.yaml', line: 7 },
        },
        { id: 'build', path: 'os.build', demand: { op: 'atLeast', value: '10.0.17763' }, severity: 'medium' },
        { id: 'laps.mode', demand: { op: 'matches' }, severity: 'info' },
        { id: 'uac.adminPrompt', demand: { op: 'notIn', values: [0, 5] } },
        { id: 'tpm.enabled', demand: { op: 'exists' } },
      ],
    });
    const laps = baseline?.checks[2]?.demand;
    expect(laps?.op === 'matches' && ['ad', 'entra', 'none'].map((mode) => laps.pattern.test(mode))).toEqual([
      true,
      true,
      false,
    ]);
    expect(baseline && selects(baseline.selector, device)).toBe(true);
  });

  it('of nothing has the defaults', async () => {
    const desired = await desiredOf({ 'p.yaml': provider() });
    expect(desired.rollout).toBe(defaultRollout);
    expect(desired.providers[0]).toMatchObject({
      proxy: null,
      caFile: null,
      toggle: null,
      options: {},
      fields: defaultFields,
    });
  });

  it('is where its document begins, the second of a file too', async () => {
    const { accounts } = await desiredOf({
      'a.yaml': `# first\n\n${provider()}---\n# second\n${document('LocalAccount', 'selector: {}\nname: a')}`,
    });
    expect(accounts[0]?.ref.source).toEqual({ file: 'a.yaml', line: 11 });
  });
});

describe('the defaults of the schemas', () => {
  const defaultAt = (kind: Parameters<typeof schemaOf>[0], ...path: string[]): unknown => {
    let schema: Schema | undefined = schemaOf(kind);
    let own: unknown;
    for (const name of ['spec', ...path]) {
      schema = schema?.properties?.[name] ?? schema?.items?.properties?.[name];
      own = schema?.default;
      const reference: string | undefined = schema?.$ref?.split('/').at(-1);
      if (reference !== undefined) schema = schemaOf(kind).$defs?.[reference];
    }
    return own ?? schema?.default;
  };

  it('are those that hold', async () => {
    const desired = await desiredOf({
      'p.yaml': provider('releaseToggle: { enabled: true }'),
      'a.yaml': document('LocalGroupMembership', 'selector: {}\nmembers: [{ name: CORP\\x }]'),
      'c.yaml': document('ComplianceBaseline', 'selector: {}\nchecks: [{ path: tpm.enabled, op: exists }]'),
      'b.yaml': document('LocalAccount', 'selector: {}\nname: a'),
    });
    const [provided] = desired.providers;
    const [membership] = desired.memberships;
    expect(defaultAt('EdrProvider', 'provider')).toBe(provided?.provider);
    expect(defaultAt('EdrProvider', 'enable')).toBe(provided?.enable);
    expect(defaultAt('EdrProvider', 'optionsPolicy')).toBe(provided?.optionsPolicy);
    expect(defaultAt('EdrProvider', 'releaseToggle', 'name')).toBe(provided?.toggle?.name);
    for (const part of ['collections', 'provider', 'computer'] as const) {
      for (const [name, path] of Object.entries(defaultFields[part])) {
        expect(defaultAt('EdrProvider', 'fields', part, name), name).toBe(path);
      }
    }
    expect(defaultAt('LocalGroupMembership', 'priority')).toBe(membership?.priority);
    expect(defaultAt('LocalGroupMembership', 'group')).toBe(membership?.group);
    expect(defaultAt('LocalGroupMembership', 'mode')).toBe(membership?.mode);
    expect(defaultAt('LocalGroupMembership', 'members', 'access')).toBe(membership?.members[0]?.access);
    expect(defaultAt('LocalAccount', 'ensure')).toBe(desired.accounts[0]?.ensure);
    const { sensor, maxAgeSeconds } = desired.posture;
    expect(defaultAt('TaniumContent', 'postureSensor', 'name')).toBe(sensor);
    expect(secondsOf(String(defaultAt('TaniumContent', 'postureSensor', 'maxAge')))).toBe(maxAgeSeconds);
    expect(defaultAt('ComplianceBaseline', 'checks', 'severity')).toBe(desired.baselines[0]?.checks[0]?.severity);
    expect(defaultAt('Rollout', 'minObserved')).toBe(defaultRollout.minObserved.percent);
  });
});

describe('what nothing acts on yet', () => {
  const notActedOn = ({ notActedOn: found }: Desired): string[] =>
    found.map(({ policy, fields }) => `${policy.source.file} ${policy.kind}: ${fields.join(', ')}`);

  it('is listed with its paths, or as a whole kind', async () => {
    const desired = await desiredOf({
      'a.yaml': provider('logs: { svcScan: /x }'),
      'b.yaml': document('TaniumContent', 'manage: report'),
      'c.yaml': document('PasswordRotationPolicy', 'selector: {}\naccounts: [{ name: a }]'),
      'd.yaml': document('TaniumContent', 'postureSensor: { maxAge: 2d }', 'z'),
      'e.yaml': document(
        'AccessGrant',
        'member: { name: CORP\\x }\nselector: {}\nfrom: "2026-03-02T10:00:00Z"\nuntil: "2026-03-02T12:00:00Z"\nreason: x',
      ),
      'f.yaml': document(
        'Rollout',
        'budgets: { removals: 5 }\nwaves: [{ size: rest }]\ncanaries: { devices: 5 }\ngate: { success: 99%, within: 20m }\nmaintenanceWindows: [{ from: "22:00", to: "04:00" }]\nfreeze: true\nsuspend: { reason: x, until: 2026-03-03 }',
      ),
      'g.yaml': document(
        'LocalGroupMembership',
        'selector: {}\nmembers: [{ name: CORP\\x, owner: me, reason: y }, { name: CORP\\y, until: 2026-12-31 }, { name: CORP\\z, access: jita }]',
      ),
      'h.yaml': document(
        'LocalGroupMembership',
        'selector: {}\nmode: exact\nmembers: [{ name: CORP\\x }, { name: CORP\\z, access: jita, until: 2026-12-31 }]',
        'y',
      ),
    });
    expect(notActedOn(desired)).toEqual([
      'e.yaml AccessGrant: spec',
      'g.yaml LocalGroupMembership: spec.members[1].until',
      'h.yaml LocalGroupMembership: spec.members[1].until',
    ]);
  });

  it('is nothing of a repository that declares nothing of the kind', async () => {
    const desired = await desiredOf({
      'a.yaml': provider(),
      'f.yaml': document('Rollout', 'budgets: { removals: 5 }\nfreeze: false'),
    });
    expect(desired.notActedOn).toEqual([]);
  });
});

describe('the digest', () => {
  const digestOf = async (files: Record<string, string>): Promise<string> => (await desiredOf(files)).digest;
  const account = document('LocalAccount', 'selector: { name: [a, b] }\nname: x\nenabled: true');

  it('does not depend on files, comments, the order of keys, or how values are written', async () => {
    const digest = await digestOf({ 'a.yaml': provider(), 'b.yaml': account });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf({ 'z/one.yml': `# all in one\n${account}---\n${provider()}` })).toBe(digest);
    const rewritten =
      'spec: {enabled: true, "name": \'x\', selector: {name: ["a", b]}}\nkind: LocalAccount\nmetadata:\n  name: x\napiVersion: trueup/v1';
    expect(await digestOf({ 'a.yaml': provider(), 'b.yaml': rewritten })).toBe(digest);
    const anchored = account.replace('[a, b]', '&n [a, b]');
    expect(await digestOf({ 'a.yaml': provider(), 'b.yaml': anchored })).toBe(digest);
  });

  it('depends on whatever is declared', async () => {
    const digest = await digestOf({ 'a.yaml': provider(), 'b.yaml': account });
    for (const other of [
      account.replace('enabled: true', 'enabled: false'),
      account.replace('[a, b]', '[b, a]'),
      account.replace('{ name: x }', '{ name: y }'),
      account.replace('{ name: x }', '{ name: x, labels: { team: pam } }'),
    ]) {
      expect(await digestOf({ 'a.yaml': provider(), 'b.yaml': other })).not.toBe(digest);
    }
  });
});

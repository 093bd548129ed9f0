/** What the MongoDB store reads of NPS-D's computers, and what it writes to them. */
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { type Npsd, npsdWorld } from './npsd-world.ts';
import { collect } from './samples.ts';

const world = await npsdWorld();
// What is skipped does not look at it.
const npsd = world as Npsd;

describe.skipIf(world === null)('the computers of NPS-D', () => {
  it('are read by their own names and by the other spellings (C2, C3)', async () => {
    const id = new ObjectId();
    await npsd.insertComputer({
      _id: id,
      obj_type: 'computer',
      cn: 'SRV-1',
      dNSHostName: 'srv-1.corp.example',
      domain_fqdn: 'corp.example',
      distinguishedName: 'CN=SRV-1,OU=Servers,DC=corp,DC=example',
      os: 'Windows Server 2022',
      operatingSystem: 'ignored',
      inserted_ts: new Date('2026-03-01T08:00:00Z'),
      edr_integration: 'Production Tanium',
      policy: { scan: true, secure: true, strict_secure: false },
      admins: { current: [{ sid: 'S-1-5-21-1-2-3-500' }] },
    });
    await npsd.insertComputer({
      _id: 'by-name',
      dNSHostName: 'pc.corp.example',
      operatingSystem: 'Windows 11',
      inserted_ts: '2026-03-01T09:00:00+01:00',
    });
    await npsd.insertComputer({ _id: 'a-user', obj_type: 'user', cn: 'Somebody' });
    const computers = await collect((await npsd.open()).computers());
    expect(computers.find((computer) => computer.id === id.toHexString())).toEqual({
      id: id.toHexString(),
      name: 'SRV-1',
      computerId: null,
      machineSid: null,
      identityConflict: null,
      domain: 'corp.example',
      ou: 'CN=SRV-1,OU=Servers,DC=corp,DC=example',
      os: 'Windows Server 2022',
      scan: true,
      protect: 'JITA',
      offlineAccess: 'Unmanaged',
      edrIntegration: 'Production Tanium',
      insertedAt: '2026-03-01T08:00:00.000Z',
      lastScan: null,
      lastSeenAt: null,
      appliedSignature: null,
      failedSubjects: [],
      pendingUntil: null,
      sessions: [],
    });
    expect(computers.find((computer) => computer.id === 'by-name')).toMatchObject({
      name: 'pc.corp.example',
      os: 'Windows 11',
      scan: null,
      protect: null,
      edrIntegration: null,
      insertedAt: '2026-03-01T08:00:00.000Z',
    });
    expect(computers).toHaveLength(2);
  });

  it.each([
    [{ secure: false, strict_secure: false }, 'Disabled'],
    [{ secure: false, strict_secure: true }, 'Disabled'],
    [{ secure: true, strict_secure: false }, 'JITA'],
    [{ secure: true }, 'JITA'],
    [{ secure: true, strict_secure: true }, 'Deny'],
    [{}, null],
  ])('#115 C21 %j is protect %s', async (policy, protect) => {
    await npsd.insertComputer({ cn: 'PC', policy });
    expect(await collect((await npsd.open()).computers())).toMatchObject([{ protect }]);
  });

  it.each([
    [undefined, 'Unmanaged'],
    [null, 'Unmanaged'],
    [{ enabled: false, strategy: 'os-best-practice' }, 'Unmanaged'],
    [{ enabled: true, strategy: 'managed-built-in' }, 'managed-built-in'],
    [{ enabled: true }, 'managed'],
  ])('#112 offline access %j is %s', async (management, offlineAccess) => {
    await npsd.insertComputer({ cn: 'PC', config: { policies: { offline_access_management: management } } });
    expect(await collect((await npsd.open()).computers())).toMatchObject([{ offlineAccess }]);
  });

  it('#116 become Unmanaged by that one flag: the strategy and all else stay', async () => {
    const management = { enabled: true, strategy: 'custom', break_glass_account_name_template: 'S1_??' };
    const document = {
      _id: 'pc',
      cn: 'PC',
      policy: { scan: true, secure: false, manage_local_sids: true },
      config: { policies: { offline_access_management: management, x: 1 } },
    };
    await npsd.insertComputer(document);
    const store = await npsd.open();
    await store.change([
      { id: 'pc', offlineAccess: 'Unmanaged', protect: 'Deny', edrIntegration: 'Production Tanium' },
    ]);
    expect(await npsd.db.collection<{ _id: string }>('computers').findOne({ _id: 'pc' })).toEqual({
      ...document,
      policy: { scan: true, secure: true, strict_secure: true, manage_local_sids: true },
      config: { policies: { offline_access_management: { ...management, enabled: false }, x: 1 } },
      edr_integration: 'Production Tanium',
    });
  });

  it.each<[path: string, document: Record<string, unknown>]>([
    ['policy.scan', { cn: 'PC', policy: { scan: 'true' } }],
    ['policy.secure', { cn: 'PC', policy: { secure: 1 } }],
    ['cn', { cn: ['PC'] }],
    ['cn', {}],
    ['edr_integration', { cn: 'PC', edr_integration: { name: 'Production Tanium' } }],
    [
      'config.policies.offline_access_management',
      { cn: 'PC', config: { policies: { offline_access_management: 'custom' } } },
    ],
    ['inserted_ts', { cn: 'PC', inserted_ts: 'yesterday' }],
  ])('are refused by name where %s is of another type, and nothing is written', async (path, document) => {
    await npsd.insertComputer({ _id: 'good', cn: 'GOOD' });
    await npsd.insertComputer({ _id: 'bad', ...document });
    const store = await npsd.open();
    const refusal = { code: 'TRUEUP_STORE_INVALID', message: expect.stringMatching(`computers bad: ${path}`) };
    await expect(collect(store.computers())).rejects.toMatchObject(refusal);
    const changes = [
      { id: 'good', scan: true },
      { id: 'bad', scan: true },
    ];
    await expect(store.change(changes)).rejects.toMatchObject(refusal);
    expect(await npsd.db.collection<{ _id: string }>('computers').findOne({ _id: 'good' })).toEqual({
      _id: 'good',
      cn: 'GOOD',
    });
  });

  it.each([
    ['Disabled', { secure: false, strict_secure: false }],
    ['JITA', { secure: true, strict_secure: false }],
    ['Deny', { secure: true, strict_secure: true }],
  ] as const)(
    '#114 set by us to %s are as the user interface leaves them, and set again stay so',
    async (protect, policy) => {
      const bare = { cn: 'PC', os: 'Windows 11', their_own: { kept: [1] } };
      await npsd.insertComputer({
        _id: 'theirs',
        ...bare,
        edr_integration: 'Production Tanium',
        policy: { scan: true, ...policy },
      });
      await npsd.insertComputer({ _id: 'ours', ...bare, policy: { scan: false, secure: false, strict_secure: false } });
      const stored = async (id: string): Promise<unknown> => {
        const { _id, ...document } =
          (await npsd.db.collection<{ _id: string }>('computers').findOne({ _id: id })) ?? {};
        return document;
      };
      const store = await npsd.open();
      const settings = { scan: true, protect, edrIntegration: 'Production Tanium' } as const;
      await store.change([{ id: 'ours', ...settings }]);
      expect(await stored('ours')).toEqual(await stored('theirs'));
      await store.change([{ id: 'ours', ...settings }]);
      expect(await stored('ours')).toEqual(await stored('theirs'));
      const read = (await collect(store.computers())).map(({ scan, protect, edrIntegration }) => ({
        scan,
        protect,
        edrIntegration,
      }));
      expect(read).toEqual([settings, settings]);
    },
  );

  it('have ids that go there and back exactly, though text may look like an ObjectId', async () => {
    const hex = 'aaaaaaaaaaaaaaaaaaaaaaaa';
    await npsd.insertComputer({ _id: hex, cn: 'TEXT' });
    await npsd.insertComputer({ _id: new ObjectId('bbbbbbbbbbbbbbbbbbbbbbbb'), cn: 'OBJECT' });
    await npsd.insertComputer({ _id: `text:${hex}`, cn: 'PREFIXED' });
    const store = await npsd.open();
    const computers = await collect(store.computers());
    for (const { id, name } of computers)
      await store.change([{ id, edrIntegration: 'Production Tanium', scan: name === 'OBJECT' }]);
    for (const { id, name } of computers) await store.note([{ id, machineSid: `S-1-5-21-${name.length}` }]);
    const after = await collect(store.computers());
    expect(after.map(({ name, scan, machineSid }) => [name, scan, machineSid]).toSorted()).toEqual([
      ['OBJECT', true, 'S-1-5-21-6'],
      ['PREFIXED', false, 'S-1-5-21-8'],
      ['TEXT', false, 'S-1-5-21-4'],
    ]);
  });

  it('say by their inventory who has a session in progress: active or expiring entries, and no other', async () => {
    const machine = 'S-1-5-21-7-8-9';
    const admins = {
      current: [
        { sid: 'S-1-5-21-1-2-3-1107', domain: 'CORP', user: 'x', active: true, persistent: false, onHost: true },
        { sid: 'S-1-5-21-1-2-3-1106', domain: 'CORP', user: 'y', active: false, expiring: true },
        { sid: 'S-1-5-21-1-2-3-1105', domain: 'CORP', user: 'z', active: false, expiring: null },
        { sid: 'S-1-5-21-1-2-3-1104', domain: 'CORP', user: 'w' },
        { sid: `${machine}-1001`, domain: 'srv-1', user: 'local', active: true },
        { domain: 'CORP', user: 'nobody', active: true },
        { sid: 'no SID', active: true },
        null,
      ],
    };
    await npsd.insertComputer({ _id: '1', cn: 'SRV-1', admins });
    await npsd.insertComputer({ _id: '2', cn: 'OTHER.corp.example', admins });
    await npsd.insertComputer({ _id: '3', cn: 'NONE', admins: { current: [] } });
    const store = await npsd.open();
    const sessions = async () => (await collect(store.computers())).map((computer) => computer.sessions);
    const ofDomain = ['S-1-5-21-1-2-3-1106', 'S-1-5-21-1-2-3-1107'];
    expect(await sessions()).toEqual([[...ofDomain, '~-1001'], [...ofDomain, `${machine}-1001`], []]);
    await store.note([{ id: '2', machineSid: machine }]);
    expect((await sessions())[1]).toEqual([...ofDomain, '~-1001']);
    expect(await npsd.db.collection<{ _id: string }>('computers').findOne({ _id: '1' })).toEqual({
      _id: '1',
      cn: 'SRV-1',
      admins,
    });
  });

  it('count as either where nobody can tell whose account it is, and know a long name by its first 15 characters', async () => {
    const machine = 'S-1-5-21-7-8-9';
    const current = (domain?: string): object => ({
      admins: { current: [{ sid: `${machine}-1001`, active: true, ...(domain === undefined ? {} : { domain }) }] },
    });
    await npsd.insertComputer({ _id: '1', cn: 'SRV-1', ...current() });
    await npsd.insertComputer({ _id: '2', cn: 'SRV-2', ...current('') });
    await npsd.insertComputer({ _id: '3', cn: 'production-server-3.corp.example', ...current('PRODUCTION-SERV') });
    const store = await npsd.open();
    const either = [`${machine}-1001`, '~-1001'];
    const sessions = (await collect(store.computers())).map((computer) => computer.sessions);
    expect(sessions).toEqual([either, either, ['~-1001']]);
  });

  it('never bring more of the inventory into memory than that', async () => {
    await npsd.insertComputer({
      _id: '1',
      cn: 'SRV-1',
      admins: { current: [{ sid: 'S-1-5-21-1-2-3-1107', active: true, userId: 'private' }], past: ['private'] },
    });
    const { commands, store } = await npsd.openRecorded();
    await collect(store.computers());
    expect(JSON.stringify(commands)).toContain('S-1-5-21-1-2-3-1107');
    expect(JSON.stringify(commands)).not.toContain('private');
  });

  it('are never inserted', async () => {
    const store = await npsd.open();
    const computer = {
      computerId: '1',
      name: 'PC',
      domain: null,
      os: 'Windows 11',
      insertedAt: '2026-03-02T09:00:00Z',
    };
    await expect(store.enroll([computer])).rejects.toMatchObject({ code: 'TRUEUP_INTERNAL' });
    expect(await npsd.db.collection('computers').countDocuments()).toBe(0);
  });
});

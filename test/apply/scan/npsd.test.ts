/** Scans beside NPS-D: its records know names, and what it keeps of a computer stays its own. */
import { describe, expect, it } from 'vitest';
import { scanDevice } from '../../../src/apply/scan/device.ts';
import { scanStep } from '../../../src/apply/scan/step.ts';
import { ADMINISTRATORS } from '../../../src/model/sid.ts';
import type { DeviceTruth } from '../../../src/simulator/fleet/fleet.ts';
import { npsdWorld } from '../../store/npsd-world.ts';
import { computersIn, queuedIn, type ScanWorld, scanWorld } from './world.ts';

const npsd = await npsdWorld();
const bulk = { what: 'bulk', collectNow: false } as const;
const all = { what: 'all', collectNow: false } as const;
const domainAdmins = 'S-1-5-21-1004336348-1177238915-682003330-512';

interface Given {
  readonly world: ScanWorld;
  readonly devices: readonly DeviceTruth[];
  /** Made as NPS-D makes it. */
  readonly insert: (name: string, parts?: Record<string, unknown>) => Promise<void>;
  readonly document: (cn: string) => Promise<Record<string, unknown>>;
}

async function given(options: Parameters<typeof scanWorld>[0] = {}): Promise<Given> {
  if (npsd === null) throw new Error('no MongoDB');
  await npsd.insertProvider();
  const world = await scanWorld({ devices: 30, ...options, store: await npsd.open() });
  const devices = await world.ask<readonly DeviceTruth[]>('devices');
  return {
    world,
    devices,
    insert: (name, parts = {}) => {
      const [cn = name, ...domain] = name.split('.');
      return npsd.insertComputer({
        cn: cn.toUpperCase(),
        domain_fqdn: domain.length > 0 ? domain.join('.') : null,
        os: 'Windows Server 2022',
        policy: { scan: true, secure: false, strict_secure: false },
        edr_integration: 'tanium_cloud',
        ...parts,
      });
    },
    document: async (cn) => {
      const found = await npsd.db.collection('computers').findOne({ cn: cn.toUpperCase() });
      if (found === null) throw new Error(`no computer ${cn}`);
      return found;
    },
  };
}

function uniqueOf(devices: readonly DeviceTruth[]): readonly DeviceTruth[] {
  const short = ({ name }: DeviceTruth): string => name.split('.')[0]?.toLowerCase() ?? '';
  return devices.filter((one) => devices.filter((other) => short(other) === short(one)).length === 1);
}

describe.skipIf(npsd === null)('a scan beside NPS-D', { timeout: 120_000 }, () => {
  it('#120 #125 #18 matches by name, counts both sides of a mismatch, and makes no computer', async () => {
    const { world, devices, insert, document } = await given();
    const known = uniqueOf(devices).slice(0, 12);
    for (const { name } of known) await insert(name);
    await insert('RETIRED-1.corp.example');
    const { bulk: part } = await scanStep(world.context, bulk);
    expect(part?.run.totals).toMatchObject({ matched: 12, completed: 12, missing: 1, unmatched: devices.length - 12 });
    expect(part?.mismatch).toMatchObject({ level: 'warn', missing: 1 });
    expect(await npsd?.db.collection('computers').countDocuments()).toBe(13);
    // From now on it is found by its Computer ID, whatever it is called.
    const computers = await computersIn(world.context);
    expect(computers.filter(({ computerId }) => computerId !== null)).toHaveLength(12);
    const one = await document(known[0]?.name.split('.')[0] ?? '');
    expect(one).toMatchObject({ lastScan: { success: true, error: null } });
    expect((await document('RETIRED-1'))['lastScan']).toMatchObject({ success: false, msg: 'not found in Tanium' });
    expect(await queuedIn(world.context)).toEqual(['RETIRED-1']);
    const { queue } = await scanStep(world.context, all);
    expect(queue?.run.totals).toMatchObject({ targeted: 1, missing: 1 });
  });

  it('sets onHost of the administrators that are on record, and touches nothing else of them', async () => {
    const { world, devices, insert, document } = await given();
    const device = uniqueOf(devices).find(({ groups }) =>
      groups.some(({ sid, members }) => sid === ADMINISTRATORS && members.includes(domainAdmins)),
    );
    const name = device?.name ?? '';
    const gone = 'S-1-5-21-1-2-3-1107';
    const current = [
      { user: 'Domain Admins', sid: domainAdmins, onHost: false, persistent: true, theirs: { kept: [1] } },
      { user: 'contractor', sid: gone, onHost: true, inserted_ts: 'x' },
    ];
    await insert(name, { admins: { current } });
    await scanStep(world.context, bulk);
    expect((await document(name.split('.')[0] ?? ''))['admins']).toEqual({
      current: [
        { ...current[0], onHost: true },
        { ...current[1], onHost: false },
      ],
    });
  });

  it('#14 #15 finds a device by its name, and asks nobody where two machines have it or none', async () => {
    const { world, devices, insert } = await given({ devices: 400, options: { bulk_scan_enabled: false } });
    const strict = { policy: { scan: true, secure: true, strict_secure: false } };
    const [one] = uniqueOf(devices);
    const twins = devices.find((device) => !uniqueOf(devices).includes(device));
    await insert(one?.name ?? '', strict);
    await insert(twins?.name ?? '', strict);
    await insert('NOBODY-1.corp.example', strict);
    const { queue } = await scanStep(world.context, all);
    expect(queue?.run.totals).toMatchObject({ targeted: 3, completed: 1, failed: 1, missing: 1 });
    expect(queue?.failures.map(({ failure }) => failure).toSorted()).toEqual(['ambiguous', 'not-found']);
    const actions = await world.ask<readonly { readonly targets: readonly number[] }[]>('actions');
    expect(actions.map(({ targets }) => targets)).toEqual([[one?.computerId]]);
    const { result } = await scanDevice(world.context, 'NOBODY-1', false);
    expect(result).toMatchObject({ failure: 'not-found', message: 'not found in Tanium' });
  });

  it('binds no record to a machine that another record is of, or may be of', async () => {
    const { world, devices, insert } = await given({ options: { bulk_scan_enabled: false } });
    const [known, doubtful] = uniqueOf(devices);
    await insert(known?.name ?? '');
    await scanStep(world.context, all);
    await insert(known?.name ?? '', { _id: 'made anew' });
    await insert(doubtful?.name ?? '', { _id: 'not scanned', policy: { scan: false } });
    await insert(doubtful?.name ?? '', { _id: 'scanned' });
    const { queue } = await scanStep(world.context, all);
    expect(queue?.failures.map(({ record, failure }) => [record.id, failure])).toEqual([
      ['made anew', 'not-found'],
      ['scanned', 'ambiguous'],
    ]);
    const bound = (await computersIn(world.context)).filter(({ computerId }) => computerId !== null);
    expect(bound.map(({ computerId }) => computerId)).toEqual([String(known?.computerId)]);
  });

  it('a name that no host can have is found nowhere, and gets into no question', async () => {
    const { world, insert } = await given({ devices: 3, options: { bulk_scan_enabled: false } });
    await insert('evil" or Computer Name contains "SRV');
    const { queue } = await scanStep(world.context, all);
    expect(queue?.run.totals).toMatchObject({ targeted: 1, missing: 1 });
    expect(await world.ask('requests')).toEqual({});
  });
});

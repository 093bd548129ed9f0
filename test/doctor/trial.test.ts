/** The rows that only an action shows, on one machine, and that nothing of them is left whatever ends them. */
import { expect, it } from 'vitest';
import { readComputers } from '../../src/apply/survey.ts';
import { trialAccount } from '../../src/doctor/trial.ts';
import { TrueupError } from '../../src/errors.ts';
import type { DeviceTruth } from '../../src/simulator/fleet/fleet.ts';
import { computers, exclusion, pattern } from '../reconcile/world.ts';
import { checkOf, type DoctorWorld, doctorWorld, failed, quietFleet, type WorldOptions } from './world.ts';

const quick = { bulk_scan_enabled: false } as const;
const machine = 'SRV-2.corp.example';

function protectedWorld(given: WorldOptions = {}): Promise<DoctorWorld> {
  return doctorWorld({
    protect: 'JITA',
    desired: { computers: [computers({ protect: 'JITA' })] },
    ...given,
    options: { ...quick, ...given.options },
  });
}

async function truthOf({ ask }: DoctorWorld): Promise<readonly DeviceTruth[]> {
  return ask<readonly DeviceTruth[]>('devices');
}

interface Issued {
  readonly parameters: { readonly EncodedCommand: string };
  readonly targets: readonly unknown[];
}

it('#157 row 2: the package test runs Get-Date on one machine, and changes nothing', async () => {
  const world = await protectedWorld();
  const before = await truthOf(world);
  const report = await world.tryOn('srv-2');
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'row.package').message).toMatch(/^Action completes successfully: \d+ \(Get-Date\) on SRV-2/);
  const actions = await world.ask<readonly Issued[]>('actions');
  expect(actions.map(({ parameters, targets }) => [parameters.EncodedCommand, targets.length])).toEqual([
    ['Get-Date', 1],
  ]);
  expect(await truthOf(world)).toEqual(before);
});

it('#157 #164 needs a machine to be named, and --write for what changes something', async () => {
  const report = await (await protectedWorld()).tryOn('srv-2');
  for (const id of ['row.protect', 'row.rotation']) {
    expect(checkOf(report, id)).toMatchObject({ status: 'skipped', message: 'Not looked at: --write is not given.' });
  }
});

it('#164 #182 #192 rows 7 and 8: User added successfully, Password changed, and nothing left of it', async () => {
  const world = await protectedWorld();
  const before = await truthOf(world);
  const report = await world.tryOn('srv-2', true);
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'row.protect').message).toMatch(/^User added successfully: trueup_doctor/);
  expect(checkOf(report, 'row.rotation').message).toMatch(/^Password changed: of trueup_doctor on SRV-2/);
  expect(checkOf(report, 'device.undone')).toMatchObject({ status: 'ok' });
  expect(await truthOf(world)).toEqual(before);
  const rows = report.checks.filter(({ id }) => id.startsWith('row.')).map(({ id }) => id);
  expect(rows).toEqual([
    'row.sensor',
    'row.package',
    'row.api-token',
    'row.connection',
    'row.single-scan',
    'row.bulk-scan',
    'row.protect',
    'row.rotation',
  ]);
});

it('#152 #183 sends the password sealed, and writes down who tried what', async () => {
  const world = await protectedWorld();
  const report = await world.tryOn('srv-2', true);
  const [, access, password, undo] = await world.ask<readonly Issued[]>('actions');
  expect(access?.parameters.EncodedCommand).toMatch(/Create.*AddMember.*NewSession/s);
  expect(password?.parameters.EncodedCommand).toMatch(/-Action SetPassword .*-EncryptedPassword '[\w+/=]{344}'$/);
  expect(undo?.parameters.EncodedCommand).toMatch(/RemoveMember.*Delete/s);
  const kinds: string[] = [];
  for await (const { kind, detail } of world.store.audit()) kinds.push(`${kind} ${detail['account'] ?? ''}`.trim());
  expect(kinds).toEqual(['trial trueup_doctor', 'outcome']);
  expect(JSON.stringify(report)).not.toMatch(/[\w+/]{100}/);
});

it.each([1, 2, 3, 4, 5, 6, 8, 10, 12])(
  '#182 leaves nothing behind when it is interrupted at its look %i',
  async (last) => {
    const world = await protectedWorld();
    const before = await truthOf(world);
    const stop = new AbortController();
    let looks = 0;
    const { actions } = world.context;
    const interrupting: typeof actions = {
      ...actions,
      progress: (id, signal) => {
        looks += 1;
        if (looks === last) stop.abort(new TrueupError('TRUEUP_INTERRUPTED', 'The run was interrupted by SIGINT.'));
        return actions.progress(id, signal);
      },
    };
    const ended = await world.tryOn('srv-2', true, { actions: interrupting, signal: stop.signal }).then(
      (report) => report,
      (error: unknown) => error,
    );
    if (stop.signal.aborted && looks > last) expect(ended).toMatchObject({ code: 'TRUEUP_INTERRUPTED' });
    expect(await truthOf(world)).toEqual(before);
  },
  30_000,
);

it('#182 leaves nothing behind when the device refuses the password', async () => {
  const world = await protectedWorld({
    fleet: `${quietFleet}  - { name: ODD-1.corp.example, kind: server, deny: [Set-SamPassword] }\n`,
  });
  const before = await truthOf(world);
  const report = await world.tryOn('ODD-1', true);
  expect(failed(report)).toEqual(['row.rotation']);
  expect(checkOf(report, 'device.undone')).toMatchObject({ status: 'ok' });
  expect(await truthOf(world)).toEqual(before);
});

it('#182 takes away what a run that was killed left behind', async () => {
  const world = await protectedWorld({ fleet: withAccount('Made by trueup doctor; it may be deleted.') });
  const report = await world.tryOn('ODD-1', true);
  expect(failed(report)).toEqual([]);
  expect((await accountsOf(world)).includes(trialAccount)).toBe(false);
});

it('touches no account of its name that is somebody else’s', async () => {
  const world = await protectedWorld({ fleet: withAccount('On call') });
  const report = await world.tryOn('ODD-1', true);
  expect(checkOf(report, 'row.protect')).toMatchObject({ status: 'skipped' });
  expect(checkOf(report, 'row.protect').message).toContain("an account trueup_doctor that is not doctor's");
  expect(await accountsOf(world)).toContain(trialAccount);
  expect(await world.ask<readonly Issued[]>('actions')).toHaveLength(1);
});

function withAccount(description: string): string {
  return `${quietFleet}  - name: ODD-1.corp.example
    kind: server
    users: [{ name: ${trialAccount}, description: ${description}, enabled: false }]
`;
}

async function accountsOf(world: DoctorWorld): Promise<readonly string[]> {
  const device = (await truthOf(world)).find(({ name }) => name === 'ODD-1.corp.example');
  return (device?.users ?? []).map(({ name }) => name);
}

it('#4 #10 changes nothing where Protect is Disabled', async () => {
  const world = await doctorWorld({ options: quick });
  const report = await world.tryOn('srv-2', true);
  expect(checkOf(report, 'row.protect').message).toContain('Protect of SRV-2.corp.example is Disabled');
  expect(await world.ask<readonly Issued[]>('actions')).toHaveLength(1);
});

it('changes nothing on a machine that an Exclusion leaves alone', async () => {
  const world = await protectedWorld({
    desired: {
      computers: [computers({ protect: 'JITA' })],
      exclusions: [exclusion('lab', { name: [pattern('SRV-2*')] }, '2036-01-01T00:00:00Z')],
    },
  });
  const report = await world.tryOn('srv-2', true);
  expect(checkOf(report, 'row.protect').message).toContain('held by the guard excluded');
  expect(await world.ask<readonly Issued[]>('actions')).toHaveLength(1);
});

it('#167 an action that does not end: the limit, and what is recommended', async () => {
  const world = await protectedWorld({ options: { action_timeout_seconds: 2 } });
  await world.tell('faults', { rates: { stuck: 1 } });
  const report = await world.tryOn('srv-2');
  expect(failed(report)).toEqual(['row.package']);
  expect(checkOf(report, 'row.package').message).toMatch(
    /did not end within 2 s.*action_timeout_seconds is 2; 600 to 3600 s/,
  );
}, 30_000);

it('#173 shows lastScan of the machine, and #172 how to force one', async () => {
  const world = await protectedWorld();
  expect(checkOf(await world.tryOn('srv-2'), 'device.last-scan')).toMatchObject({
    status: 'info',
    remedy: `Force one: \`trueup scan --device ${machine}\`.`,
  });
  const [computer] = await readComputers(world.store);
  if (computer === undefined) throw new Error('no computer is on record');
  const lastScan = {
    success: false,
    msg: 'no-answer',
    error: 'TSE-Error: it is broken',
    duration: 1.5,
    scanTs: '2026-03-02T09:14:08.000Z',
    source: 'cached',
  } as const;
  await world.store.noteScans([{ id: computer.id, lastScan, administrators: null }]);
  const check = checkOf(await world.tryOn(computer.name), 'device.last-scan');
  expect(check).toMatchObject({ status: 'warn' });
  expect(check.message).toContain('2026-03-02T09:14:08.000Z, failed, no-answer, 1.5 s, TSE-Error: it is broken');
});

it('a machine that nobody is called, and one whose name two have', async () => {
  const world = await protectedWorld({
    fleet: `${quietFleet}  - { name: TWIN-1.corp.example, kind: server, computerId: 701 }
  - { name: TWIN-1.corp.example, kind: server, computerId: 702 }
`,
  });
  expect(failed(await world.tryOn('SRV-99'))).toEqual(['device.target']);
  const report = await world.tryOn('TWIN-1');
  expect(failed(report)).toEqual(['device.target']);
  expect(checkOf(report, 'device.target').message).toMatch(/TWIN-1\.corp\.example#701/);
  expect(await world.ask<readonly Issued[]>('actions')).toHaveLength(0);
});

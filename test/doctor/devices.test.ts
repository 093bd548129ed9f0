/** Whether the devices are ready for what is done to them. */
import { expect, it } from 'vitest';
import { checkOf, type DoctorWorld, doctorWorld, failed, quietFleet, warned } from './world.ts';

/** One more device in the quiet fleet; it is all that doctor warns of. */
async function withDevice(keys: string): Promise<DoctorWorld> {
  return doctorWorld({ fleet: `${quietFleet}  - { name: ODD-1.corp.example, ${keys} }\n` });
}

async function expectWarning(world: DoctorWorld, id: string, message: RegExp): Promise<void> {
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(warned(report)).toEqual([id]);
  expect(checkOf(report, id).message).toMatch(message);
}

it('#32 a device that does not answer', async () => {
  const world = await doctorWorld({ options: { bulk_scan_enabled: false } });
  await world.tell('faults', { offline: ['SRV-2.corp.example'] });
  await expectWarning(world, 'devices.agent', /^5 of 6 computers answer.*1 silent \(SRV-2\.corp\.example\)/);
}, 60_000);

it('#33 a device whose Windows is too old', async () => {
  const world = await withDevice('kind: workstation, os: Windows 7 Enterprise, build: 6.1.7601');
  await expectWarning(world, 'devices.os', /^Older than Windows 10 .* 1 device: ODD-1\.corp\.example/);
});

it('#34 a device whose PowerShell is too old', async () => {
  const world = await withDevice('kind: server, powershell: "4.0"');
  await expectWarning(world, 'devices.powershell', /^Windows PowerShell is older than 5\.1 on 1 device: ODD-1/);
});

it('#35 a device without the module LocalAccounts', async () => {
  const world = await withDevice('kind: server, localAccounts: false');
  await expectWarning(world, 'devices.module', /Microsoft\.PowerShell\.LocalAccounts is missing on 1 device: ODD-1/);
});

it('a device in Constrained Language Mode', async () => {
  await expectWarning(await withDevice('kind: server, languageMode: constrained'), 'devices.language', /ODD-1/);
});

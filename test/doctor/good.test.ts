/** A tenant on which all is well: nothing fails, nothing warns, and it costs little. */
import { expect, it } from 'vitest';
import { doctorExitCode } from '../../src/model/doctor.ts';
import { checkOf, doctorWorld, failed, warned } from './world.ts';

it('#87 #104 #164 finds nothing wrong, in at most 40 requests', async () => {
  const world = await doctorWorld();
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(warned(report)).toEqual([]);
  expect(doctorExitCode(report)).toBe(0);
  const requests = await world.ask<Readonly<Record<string, number>>>('requests');
  const sent = Object.values(requests).reduce((sum, count) => sum + count, 0);
  expect(report.requests).toBe(sent);
  expect(sent).toBeLessThanOrEqual(40);
});

it('makes no action and writes nothing', async () => {
  const world = await doctorWorld();
  const before = await recordsOf(world);
  await world.examine();
  expect(await recordsOf(world)).toEqual(before);
  expect(await world.ask('actions')).toEqual([]);
});

async function recordsOf({ store }: Awaited<ReturnType<typeof doctorWorld>>): Promise<unknown> {
  const computers: unknown[] = [];
  for await (const computer of store.computers()) computers.push(computer);
  return [
    computers,
    await store.providers('tanium_cloud'),
    await store.scanRuns(5),
    await store.latestScan('inventory'),
  ];
}

it('#156 row 1: the sensor answers with JSON on Windows devices', async () => {
  const report = await (await doctorWorld()).examine();
  expect(checkOf(report, 'row.sensor')).toMatchObject({
    status: 'ok',
    message: 'JSON results of 6 of 6 Windows devices for "NPS Admin Members".',
  });
});

it('#158 row 3: the API token is answered with 200 OK', async () => {
  const report = await (await doctorWorld()).examine();
  expect(checkOf(report, 'row.api-token').message).toMatch(/^200 OK: GET \/api\/v2\/sensors/);
});

it('#159 row 4: the connection test says Connection Successful', async () => {
  const world = await doctorWorld();
  const { message } = checkOf(await world.examine(), 'row.connection');
  expect(message).toBe(`Connection Successful: ${new URL(world.url).host}.`);
});

it('#164 row 5: one device by itself, Admins discovered', async () => {
  const report = await (await doctorWorld()).examine({ target: 'srv-4' });
  expect(checkOf(report, 'row.single-scan').message).toBe(
    'Admins discovered: 2 members of Administrators on SRV-4.corp.example.',
  );
});

it('#164 row 6: the group, Multiple devices updated', async () => {
  const report = await (await doctorWorld()).examine();
  expect(checkOf(report, 'row.bulk-scan').message).toBe(
    'Multiple devices updated: a bulk scan of "All Windows Computers" updates 6 computers of 6.',
  );
});

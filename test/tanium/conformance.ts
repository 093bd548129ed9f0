/**
 * What every fleet connection does, whatever Tanium is behind it. Run it with `describeFleet` against a running fleet
 * that has the sensor, the package and the groups of the seed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCommands } from '../../src/endpoint/encode.ts';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { decodeReports } from '../../src/endpoint/report.ts';
import type { ActionLog, ActionProgress, ScanRequest } from '../../src/fleet-ports.ts';
import { maxByNumber } from '../../src/model/aim.ts';
import type { DeviceRow } from '../../src/ports.ts';
import type { TaniumConnection } from '../../src/tanium/connect.ts';
import { errorOf } from './wire.ts';

export interface FleetUnderTest {
  readonly connection: TaniumConnection;
  /** Computer ID → Computer Name of every device that answers; at least three. */
  readonly devices: ReadonlyMap<string, string>;
  /** Computer IDs in the computer group `All Windows Computers`. */
  readonly windows: ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

const sensor = 'NPS Admin Members';
const names = { packageName: 'NPSD Management', packageParamOffset: 0, actionGroupName: 'Default - All Computers' };
const everyone: ScanRequest = { sensor, maxAgeSeconds: null, computerIds: null, timeoutSeconds: 60 };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export function describeFleet(name: string, open: () => Promise<FleetUnderTest>): void {
  describe(`a fleet over ${name}`, () => {
    let fleet: FleetUnderTest;
    let connection: TaniumConnection;
    let ids: readonly string[];

    beforeAll(async () => {
      fleet = await open();
      connection = fleet.connection;
      ids = [...fleet.devices.keys()].toSorted((a, b) => Number(a) - Number(b));
    });
    afterAll(() => fleet.close());

    /** Issues what only reads, and follows it to its end. */
    async function run(
      computerIds: readonly string[],
      action: string,
      groupId?: number,
    ): Promise<{ id: string; progress: ActionProgress }> {
      const { actions } = connection;
      const route = await actions.route(names);
      const encodedCommand = encodeCommands([{ target: 'General', action: 'Inventory', parameters: {} }]);
      const id = await actions.issue(route, {
        name: action,
        comment: 'test',
        encodedCommand,
        computerIds,
        ...(groupId === undefined ? {} : { groupId }),
        expireSeconds: 600,
      });
      for (;;) {
        const progress = await actions.progress(id);
        const ended = [...progress.devices.values()].filter((state) => state === 'completed' || state === 'failed');
        if (ended.length >= computerIds.length || progress.status === 'closed') return { id, progress };
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }

    it('passes the connection test (#158 #159)', async () => {
      await connection.check();
    });

    it('#156 answers the scan question with one row per device', async () => {
      const answer = await connection.scanner.scan(everyone);
      const rows = await all(answer.rows);
      expect(new Map(rows.map((row) => [row.computerId, row.name]))).toEqual(fleet.devices);
      expect(rows).toHaveLength(fleet.devices.size);
      expect(answer).toMatchObject({ expected: fleet.devices.size, answered: fleet.devices.size });
      expect(answer.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(rows.some(({ text }) => parseInventory(text).kind === 'inventory')).toBe(true);
      expect(rows.every(({ os, name: computer }) => os !== '' && computer !== '')).toBe(true);
    });

    it('tells its progress up to the end', async () => {
      const told: (readonly [number, number])[] = [];
      await connection.scanner.scan({ ...everyone, progress: (...now) => told.push(now) });
      expect(told.at(-1)).toEqual([fleet.devices.size, fleet.devices.size]);
    });

    it('answers a targeted scan with exactly the targets', async () => {
      const wanted = ids.slice(0, 2);
      const answer = await connection.scanner.scan({ ...everyone, computerIds: wanted, maxAgeSeconds: 1 });
      const rows = await all<DeviceRow>(answer.rows);
      expect(rows.map(({ computerId }) => computerId).toSorted()).toEqual(wanted.toSorted());
      expect(answer).toMatchObject({ expected: 2, answered: 2 });
    });

    it('answers a targeted scan of more devices than one question holds', async () => {
      const strangers = Array.from({ length: maxByNumber }, (_, index) => String(4_000_000_000 + index));
      const answer = await connection.scanner.scan({ ...everyone, computerIds: [...strangers, ...ids.slice(0, 1)] });
      expect((await all(answer.rows)).map(({ computerId }) => computerId)).toEqual(ids.slice(0, 1));
    });

    it('#38 knows no sensor by another case', async () => {
      const scan = connection.scanner.scan({ ...everyone, sensor: sensor.toUpperCase() });
      expect(await errorOf(scan)).toMatchObject({
        code: 'TRUEUP_SENSOR_NOT_FOUND',
        message: expect.stringContaining(sensor),
      });
    });

    it('gives the members of a computer group by its exact name', async () => {
      expect(await connection.scanner.groupMembers('All Windows Computers')).toEqual(fleet.windows);
      for (const group of ['all windows computers', 'Default - All Computers', 'No Such Group']) {
        expect(await errorOf(connection.scanner.groupMembers(group))).toMatchObject({ code: 'TRUEUP_GROUP_NOT_FOUND' });
      }
    });

    it('#168 says which parameter number the package has', async () => {
      const error = await errorOf(connection.actions.route({ ...names, packageParamOffset: 1 }));
      expect(error).toMatchObject({
        code: 'TRUEUP_PACKAGE_PARAMETER',
        message: expect.stringContaining('package_param_offset 0 fits'),
      });
    });

    it('says by name what is missing for an action', async () => {
      const { actions } = connection;
      expect(await errorOf(actions.route({ ...names, packageName: 'npsd management' }))).toMatchObject({
        code: 'TRUEUP_PACKAGE_NOT_FOUND',
      });
      expect(await errorOf(actions.route({ ...names, actionGroupName: 'All Windows Computers' }))).toMatchObject({
        code: 'TRUEUP_ACTION_GROUP_NOT_FOUND',
      });
    });

    it('runs an action on exactly its targets, and gives back what each printed', async () => {
      const targets = [...fleet.windows].toSorted().slice(0, 2);
      const { id, progress } = await run(targets, 'Trueup conformance one');
      expect(new Map(progress.devices)).toEqual(new Map(targets.map((target) => [target, 'completed'])));
      const logs = await all<ActionLog>(connection.actions.logs(id, targets));
      expect(logs.map(({ computerId }) => computerId).toSorted()).toEqual(targets);
      for (const log of logs) {
        expect(log.name).toBe(fleet.devices.get(log.computerId));
        const { reports } = decodeReports(log.lines);
        expect(reports.map(({ n, of, status }) => ({ n, of, status }))).toEqual([{ n: 1, of: 1, status: 'ok' }]);
      }
    });

    it('makes the group of an action, of exactly the devices of these names, and takes it away again', async () => {
      const { actions, scanner } = connection;
      const action = 'Trueup conformance group';
      const [first = '', second = ''] = [...fleet.windows].toSorted();
      const members = [first, second].map((id) => fleet.devices.get(id) ?? '');
      const group = 'trueup-conformance-group';
      await actions.removeGroup(action);
      const groupId = await actions.makeGroup(action, [...members, 'no-such-device']);
      expect(await scanner.groupMembers(group)).toEqual(new Set([first, second]));
      // Of a run that died before it knew that it is there.
      expect(await actions.makeGroup(action, members)).toBe(groupId);
      const { progress } = await run([first, second], action, groupId);
      expect([...progress.devices.keys()].toSorted()).toEqual([first, second]);
      for (let time = 1; time <= 2; time += 1) {
        await actions.removeGroup(action);
        expect(await errorOf(scanner.groupMembers(group))).toMatchObject({ code: 'TRUEUP_GROUP_NOT_FOUND' });
      }
    });

    it('finds an action by its exact name, so that it is never issued twice', async () => {
      const target = [...fleet.windows].slice(0, 1);
      const first = await run(target, 'Trueup conformance twice');
      const second = await run(target, 'Trueup conformance twice');
      expect(await connection.actions.find('Trueup conformance twice')).toEqual([first.id, second.id]);
      expect(await connection.actions.find('Trueup conformance never')).toEqual([]);
    });

    it('has no output of a device that the action was not for', async () => {
      const [target, other] = [...fleet.windows];
      if (target === undefined || other === undefined) throw new Error('the fleet is too small');
      const { id } = await run([target], 'Trueup conformance other');
      const logs = await all<ActionLog>(connection.actions.logs(id, [other]));
      expect(logs.flatMap(({ lines }) => lines)).toEqual([]);
    });
  });
}

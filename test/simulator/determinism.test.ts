import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { generateFleet } from '../../src/simulator/fleet/fleet.ts';
import { openTimeline } from '../../src/simulator/timeline.ts';
import { deploy, inventory, startCloud } from './cloud.ts';

/** Everything that a run shows, step by step; secrets and ports left out. */
async function transcript(seed: number, steps: readonly number[]): Promise<string> {
  const cloud = await startCloud({ fleet: generateFleet({ devices: 50, drift: 0.5, seed: 4 }), seed });
  const seen: string[] = [];
  await cloud.post('/_sim/faults', { rates: { slow: 0.1, lateRows: 0.1, tseError: 0.1, undo: 0.5, gpo: 0.2 }, seed });
  const id = await cloud.ask('Get Computer ID and NPS Admin Members from all machines');
  const action = await deploy(cloud, inventory);
  for (const step of steps) {
    await cloud.advance(step);
    seen.push((await cloud.get(`/api/v2/result_info/question/${id}`)).text);
  }
  seen.push((await cloud.get(`/api/v2/result_data/question/${id}`)).text);
  seen.push((await cloud.get(`/api/v2/result_info/action/${action}`)).text);
  seen.push((await cloud.get(`/api/v2/result_data/action/${action}`)).text);
  seen.push((await cloud.get('/_sim/devices')).text);
  return seen.join('\n');
}

describe('a virtual clock', () => {
  it('makes equal runs of equal seeds, byte by byte', async () => {
    const steps = [1, 1, 1, 30, 200];
    const [first, second, other] = [await transcript(1, steps), await transcript(1, steps), await transcript(2, steps)];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('comes to the same end in however many steps it gets there', async () => {
    const end = (text: string): string => text.split('\n').slice(-4).join('\n');
    const atOnce = end(await transcript(1, [240]));
    const slowly = end(
      await transcript(
        1,
        Array.from({ length: 240 }, () => 1),
      ),
    );
    expect(slowly).toBe(atOnce);
  });

  it('stands still by itself', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get Online from all machines');
    await sleep(30);
    const { data } = await cloud.get(`/api/v2/result_info/question/${id}`);
    expect([data.now, data.result_infos[0].mr_tested]).toEqual(['2026/03/02 09:00:00 GMT-0000', 0]);
  });
});

describe('a fast clock', () => {
  it('shows the time of the wall, and takes a fiftieth of Tanium’s time', async () => {
    const cloud = await startCloud({ clock: 'fast' });
    const id = await cloud.ask('Get Computer ID and NPS Admin Members from all machines');
    const action = await deploy(cloud, inventory);
    const made = (await cloud.get(`/api/v2/questions/${id}`)).data;
    expect(Math.abs(Date.parse(made.expiration) - Date.now() - 600_000)).toBeLessThan(5_000);
    await sleep(1_000);
    expect(await cloud.rows(id)).toHaveLength(4);
    await cloud.get(`/api/v2/result_info/action/${action}`);
    const { data } = await cloud.get(`/api/v2/result_data/action/${action}`);
    expect(data.result_sets[0].rows).toHaveLength(3);
    const shown = (await cloud.get(`/api/v2/actions/${action}`)).data;
    expect(Date.parse(shown.expiration_time) - Date.parse(shown.start_time)).toBe(600_000);
  });

  it('remembers answers for as long as the sensor says, and gives ?maxAge= in the pace of its devices', async () => {
    const cloud = await startCloud({ clock: 'fast' });
    const sees = async (maxAge: string): Promise<boolean> => {
      const id = await cloud.ask(
        `Get Computer ID and NPS Admin Members${maxAge} from all machines with Computer ID = 101`,
      );
      await sleep(250);
      return JSON.stringify(await cloud.rows(id)).includes('-1106');
    };
    expect(await sees('')).toBe(false);
    const add = ['S-1-5-21-1004336348-1177238915-682003330-1106'];
    await cloud.post('/_sim/drift', { device: 101, group: { sid: 'S-1-5-32-544', add } });
    expect(await sees('')).toBe(false);
    expect(await sees('?maxAge=600')).toBe(false);
    expect(await sees('?maxAge=1')).toBe(true);
  });
});

describe('the timeline', () => {
  it('lets things happen in the order of their time, and of their putting down where that is the same', () => {
    let clock = 0;
    const timeline = openTimeline(() => clock);
    const happened: string[] = [];
    const put = (name: string, time: number) => timeline.at(time, (at) => happened.push(`${name}@${at}`));
    for (const [name, time] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
      ['b2', 20],
      ['d', 40],
      ['b3', 20],
    ] as const)
      put(name, time);
    timeline.at(15, (at) => put('later', at + 1));
    clock = 35;
    timeline.catchUp();
    expect(happened).toEqual(['a@10', 'later@16', 'b@20', 'b2@20', 'b3@20', 'c@30']);
    expect(timeline.now()).toBe(35);
    put('past', 5);
    timeline.catchUp();
    expect(happened.at(-1)).toBe('past@35');
  });
});

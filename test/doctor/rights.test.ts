/** What the persona of the token may not do, by its name in the console. */
import { expect, it } from 'vitest';
import { type Right, rights } from '../../src/simulator/api/rights.ts';
import { checkOf, type DoctorWorld, doctorWorld, failed } from './world.ts';

async function without(missing: Right, given: Parameters<typeof doctorWorld>[0] = {}): Promise<DoctorWorld> {
  const world = await doctorWorld(given);
  const body = JSON.stringify({ rights: { 0: rights.filter((right) => right !== missing) } });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${world.url}/_sim/settings`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(await response.text());
  return world;
}

it.each(['Sensor - Read', 'Question - Ask', 'Package - Read', 'Action Group - Read', 'Computer Group - Read'] as const)(
  '#30 a token without %s',
  async (right) => {
    const report = await (await without(right, { protect: 'JITA' })).examine();
    expect(failed(report)).toEqual(['tanium.rights']);
    const { message, remedy } = checkOf(report, 'tanium.rights');
    expect(message).toContain('403');
    expect(remedy).toBe(`Grant the right "${right}" to the persona of the token.`);
  },
);

it('#30 a token without Action - Write, which only an action shows', async () => {
  const world = await without('Action - Write', { protect: 'JITA' });
  expect(failed(await world.examine())).toEqual([]);
  const report = await world.tryOn('srv-2', true);
  expect(failed(report)).toEqual(['row.package']);
  expect(checkOf(report, 'row.package').remedy).toBe('Grant the right "Action - Write" to the persona of the token.');
});

it('#73 #158 a token that expires while doctor asks', async () => {
  const world = await doctorWorld();
  const headers = { 'content-type': 'application/json' };
  await fetch(`${world.url}/_sim/settings`, { method: 'POST', headers, body: '{"expireTokenAfter": 6}' });
  const report = await world.examine();
  expect(failed(report)).toEqual(['row.api-token']);
  expect(checkOf(report, 'row.api-token').message).toContain('401');
});

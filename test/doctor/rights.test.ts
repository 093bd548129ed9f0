/** What the persona of the token may not do, by its name in the console. */
import { expect, it } from 'vitest';
import { compileContent } from '../../src/desired/compile-content.ts';
import { type Right, rights } from '../../src/simulator/api/rights.ts';
import { checkOf, type DoctorWorld, doctorWorld, failed } from './world.ts';

const needsPackage = { ...compileContent([]), needsPackage: true };

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

it('#30 #72 a token without Action - Write, which no question shows', async () => {
  const world = await without('Action - Write', { protect: 'JITA', desired: { content: needsPackage } });
  const report = await world.tryOn('srv-2', true);
  expect(failed(report)).toEqual(['content.token.rights.ActionWrite']);
  expect(checkOf(report, 'row.package').message).toContain('content.token.rights.ActionWrite');
  expect(await world.ask('actions')).toEqual([]);
});

it('#73 a token of which only the configuration says when it ends', async () => {
  const apiKeyExpires = new Date(Date.now() - 86_400_000).toISOString();
  const world = await without('Token - Read', { provider: { apiKeyExpires } });
  expect(failed(await world.examine())).toEqual(['tanium.token-expiry']);
});

it('#73 #158 a token that expires while doctor asks', async () => {
  const world = await doctorWorld();
  const headers = { 'content-type': 'application/json' };
  await fetch(`${world.url}/_sim/settings`, { method: 'POST', headers, body: '{"expireTokenAfter": 6}' });
  const report = await world.examine();
  expect(failed(report)).toEqual(['row.api-token']);
  expect(checkOf(report, 'row.api-token').message).toContain('401');
});

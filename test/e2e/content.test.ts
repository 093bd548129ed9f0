/** From a tenant without anything of NPS-D to a converged fleet, and what of Tanium's API that takes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beyondSeed, surface } from '../../src/tanium/surface.ts';
import { exampleFolder, simulatedCloud, trueup } from './trueup.ts';

const called = ({ method, path }: { readonly method: string; readonly path: string }): string =>
  `${method} ${path.replaceAll(/\{\w+\}/g, '{id}')}`;

it('#174 #175 content, devices, doctor and token take the calls of the table and of the commented list alone', {
  timeout: 180_000,
}, async () => {
  const cloud = await simulatedCloud('--bare', '--devices', '10', '--drift', '0.5');
  const cwd = exampleFolder();
  writeFileSync(join(cwd, 'token'), `${cloud.token}\n`, { mode: 0o600 });
  const provider = readFileSync(join(cwd, 'provider.yaml'), 'utf8');
  writeFileSync(join(cwd, 'provider.yaml'), provider.replace(/apiKey: .*/, 'apiKey: { file: token }'));
  const content = (manage: string): void =>
    writeFileSync(
      join(cwd, 'content.yaml'),
      `apiVersion: trueup/v1\nkind: TaniumContent\nmetadata: { name: content }\nspec: { manage: ${manage} }\n`,
    );
  const at = { cwd, env: { ...cloud.env, TRUEUP_TANIUM_TOKEN: '' } };
  const own = async (method: string, path: string, body: object): Promise<void> => {
    const session = readFileSync(join(cwd, 'token'), 'utf8').trim();
    const response = await fetch(`${cloud.url}/api/v2/${path}`, {
      method,
      headers: { session },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  };
  const ourselves = ['POST /api/v2/action_groups', 'PATCH /api/v2/sensors/by-name/{id}'];
  await own('POST', 'action_groups', { name: 'Default - All Computers', groups: [{ name: 'All Computers' }] });

  content('create');
  expect((await trueup(['plan', '--out', 'reviewed.plan'], at)).code).toBe(2);
  const made = await trueup(['apply', 'reviewed.plan', '--yes'], at);
  expect([made.code, made.stderr]).toEqual([2, expect.stringContaining('sensor "NPS Admin Members" made')]);
  expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  await own('PATCH', 'sensors/by-name/NPS%20Admin%20Members', { hidden_flag: true });
  content('update');
  expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  expect((await trueup(['doctor'], at)).stdout).toContain('Sensor "NPS Admin Members"');
  expect((await trueup(['token', 'rotate', '--yes'], at)).code).toBe(0);
  expect((await trueup(['token', 'list'], at)).stdout).toContain('in use');
  expect((await trueup(['plan'], at)).stdout).toContain('No changes.');

  const known = new Set(Object.values(surface).map(called));
  const seen = Object.keys(await cloud.ask<Record<string, number>>('requests'));
  expect(seen.filter((one) => !known.has(one) && !ourselves.includes(one))).toEqual([]);
  // Whatever changes or deletes is beyond the table, and was there to be counted.
  const beyond = new Set(Object.values(beyondSeed).map(called));
  const writing = seen.filter((one) => !/^(?:GET|POST) /.test(one) && !ourselves.includes(one));
  expect(writing.toSorted()).toEqual(['DELETE /api/v2/api_tokens/{id}', 'PATCH /api/v2/sensors/{id}']);
  for (const one of writing) expect(beyond.has(one)).toBe(true);
});

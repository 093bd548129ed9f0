/** Who made a difference, from the device's log to the ledger, the plan and the page: with the program as a user starts it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCommands } from '../../src/endpoint/parse.ts';
import {
  administrators,
  administratorsOf,
  corp,
  type DeviceTruth,
  edit,
  exampleFolder,
  ordinary,
  type SimulatedAction,
  simulatedCloud,
  trueup,
} from './trueup.ts';

const intruder = `${corp}-1106`;
const hostile = 'CORP\\</td><script>alert(1)</script>|\u001b[31m`@everyone';

const asking = `
apiVersion: trueup/v1
kind: ComputerPolicy
metadata: { name: who }
spec: { selector: { name: '*' }, attribution: true }
`;

interface Ledger {
  readonly drift: readonly Readonly<Record<string, unknown>>[];
}

it('A person is named with the time, before and after the correction, whatever they are called', {
  timeout: 120_000,
}, async () => {
  const cloud = await simulatedCloud('--devices', '8', '--drift', '0', '--seed', '3');
  const at = { cwd: exampleFolder(), env: cloud.env };
  writeFileSync(join(at.cwd, 'who.yaml'), asking);
  expect((await trueup(['apply', '--yes'], at)).code).toBe(0);
  const [one, two] = ordinary(await cloud.ask<readonly DeviceTruth[]>('devices'));
  const group = { sid: administrators, add: [intruder] };
  await cloud.tell('drift', { device: one?.computerId, group, actor: 'CORP\\helpdesk-7' });
  await cloud.tell('drift', { device: two?.computerId, group, actor: hostile });
  const commandsSince = async (first: number): Promise<readonly (readonly string[])[]> =>
    (await cloud.ask<readonly SimulatedAction[]>('actions'))
      .slice(first)
      .map(({ parameters }) => parseCommands(parameters.EncodedCommand).map(({ action }) => action));
  const sent = (await commandsSince(0)).length;

  // Changes are frozen: what is found stays, and to ask who made it changes nothing.
  edit(at.cwd, 'rollout.yaml', 'spec:', 'spec:\n  freeze: true');
  expect((await trueup(['reconcile', '--once', '--yes'], at)).code).toBe(2);
  const dry = await trueup(['drift', '--attribute', '--json'], at);
  expect(dry.stderr).toContain('2 devices would be asked who made what; --yes asks.');
  expect(await commandsSince(sent)).toEqual([]);
  const asked = await trueup(['drift', '--attribute', '--yes', '--json'], at);
  expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('2 of 2 devices told who made what.') });
  expect(await commandsSince(sent)).toEqual([['Attribution']]);
  const { drift } = JSON.parse(asked.stdout) as Ledger;
  expect(drift).toMatchObject([{}, {}].map(() => ({ at: expect.any(String), log: 'whole', state: 'open' })));
  expect(drift.map(({ actor }) => actor).toSorted()).toEqual([hostile, 'CORP\\helpdesk-7'].toSorted());
  const again = await trueup(['drift', '--attribute'], at);
  expect(again.stderr).toMatch(/^No device is to be asked: .* comes on record with the next apply or reconcile\.$/m);
  expect(again.stdout).not.toContain('\u001b');
  expect(again.stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /outside change by CORP\\helpdesk-7, 20\d\d-\d\d-\d\d \d\d:\d\dZ/,
  );
  expect(await commandsSince(sent)).toHaveLength(1);
  expect((await trueup(['audit'], at)).stdout.replaceAll(/\s+/g, ' ')).toContain(
    'asks who made what: 2 devices, 2 differences',
  );

  edit(at.cwd, 'rollout.yaml', '  freeze: true', '');
  const planned = await trueup(['plan', '--fresh'], at);
  expect(planned.stdout.replaceAll(/\s+/g, ' ')).toMatch(/ drift: 1 by CORP\\.*u\{1B\}.*, 1 by CORP\\helpdesk-7 /);
  const applied = await trueup(['apply', '--yes'], at);
  expect(applied.stdout).toContain('Converged.');
  expect(await commandsSince(sent + 1)).toEqual([['Attribution', 'RemoveMember']]);
  const after = JSON.parse((await trueup(['drift', '--json'], at)).stdout) as Ledger;
  expect(after.drift.map(({ state }) => state)).toEqual(['resolved', 'resolved']);
  expect(after.drift.map(({ actor }) => actor)).toEqual(drift.map(({ actor }) => actor));
  const truth = await cloud.ask<readonly DeviceTruth[]>('devices');
  expect(truth.flatMap(administratorsOf)).not.toContain(intruder);
});

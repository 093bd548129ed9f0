/** An account that was deleted while a rotation of it was not settled, and is made again by its policy. */
import { expect, it } from 'vitest';
import { account, rotation } from '../../reconcile/world.ts';
import { held, heldIn, run, truth, vaulted } from './world.ts';

const fleet = `
devices:
  - { name: SRV-1, computerId: 1 }
`;
const name = 'corp_breakglass';

it('of the one that is gone nothing is waited for, and the new one is rotated once', async () => {
  const given = await vaulted({ fleet });
  const { clock, tell } = given;
  const context = given.declaring([rotation({ accounts: [{ name }] })], { accounts: [account({ enabled: true })] });
  expect((await run(context)).exitCode).toBe(0);
  clock.shift(40 * 86_400);
  await tell('faults', { rates: { lostOutput: 1 }, seed: 1 });
  expect((await run(context)).exitCode).toBe(6);
  const [unsettled] = await heldIn(context);
  expect(unsettled?.open).not.toBeNull();

  await tell('drift', { device: 'SRV-1', user: { name, delete: true } });
  // Nobody hears of the new one either: it is asked again by the same id.
  expect((await run(context)).exitCode).toBe(6);
  const [begun] = await heldIn(context);
  expect(begun).toMatchObject({ rid: null });
  expect(begun?.open?.id).not.toBe(unsettled?.open?.id);
  expect(begun?.credentials.map(({ state }) => state)).toEqual(['previous']);
  const has = await truth(given);
  expect([...has.keys()]).not.toContain(`1 ${unsettled?.rid}`);

  await tell('faults', {});
  const last = await run(context);
  expect([last.exitCode, last.plan.changes.map(({ to }) => to)]).toEqual([
    0,
    expect.arrayContaining([{ due: 'unsettled' }]),
  ]);
  expect(await truth(given)).toEqual(has);
  const [settled] = await heldIn(context);
  expect(settled?.credentials[0]?.rotation).toBe(begun?.open?.id);
  for (const [key, password] of await held(context)) expect(has.get(key)).toBe(password);
});

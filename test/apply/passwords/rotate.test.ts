/** Devices that make their own passwords, against a simulated cloud. */
import { describe, expect, it } from 'vitest';
import { held, heldIn, issued, run, truth, vaulted } from './world.ts';

describe('a fleet whose passwords are due', () => {
  it('#7 #15 is rotated by one action, told by a second one, and every password is held', async () => {
    const given = await vaulted();
    const { context } = given;
    const before = await truth(given);
    const first = await run(context);
    expect([first.exitCode, first.result.failed]).toEqual([0, []]);
    expect(first.plan.summary.rotate).toBe(4);
    expect(await issued(given)).toEqual(['RotatePassword', 'Acknowledge']);
    const after = await truth(given);
    const ours = await held(context);
    expect(ours.size).toBe(4);
    for (const [key, password] of ours) {
      expect(after.get(key)).toBe(password);
      expect(before.get(key)).not.toBe(password);
    }
    // #194 no two devices have one.
    expect(new Set(ours.values()).size).toBe(4);
    for (const record of await heldIn(context)) {
      expect(record).toMatchObject({ account: 'builtin', rid: 500, open: null });
      expect(record.credentials).toMatchObject([{ state: 'current', confirmed: true, acknowledged: true }]);
    }
    const second = await run(context);
    expect([second.exitCode, second.plan.changes]).toEqual([0, []]);
    expect(await issued(given)).toHaveLength(2);
  });
});

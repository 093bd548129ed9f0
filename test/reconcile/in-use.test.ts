/** What a device refused since something runs as the account waits for a day, or for somebody who says so. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeOperations } from '../../src/endpoint/encode.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Allowance } from '../../src/model/plan.ts';
import type { InUse } from '../../src/model/recorded.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { explainDevice } from '../../src/reconcile/explain.ts';
import { inUseAt, refusalKey, withRefusal } from '../../src/reconcile/in-use.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  domainAdmins,
  heldLines,
  inputOf,
  inventory,
  now,
  plan,
  recovery,
  user,
  type World,
} from './world.ts';

const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });
const state = inventory({ users: [breakglass, user(1002, 'svc'), user(1003, 'old')] });

const disable: Operation = { kind: 'account.disable', account: { name: 'svc' } };
const services = 'svc is in use: services Agent';

function refused(operation: Operation, at = '2026-03-02T09:00:00.000Z', message = services): Record<string, InUse> {
  return { [refusalKey(operation)]: { at, message } };
}

const off = account({ name: 'off', account: { name: 'svc' }, enabled: false });

function world(inUse: Readonly<Record<string, InUse>>, desired: Partial<Desired> = {}, parts: World = {}): World {
  return {
    desired: { computers: [reachable], accounts: [off], ...desired },
    recorded: { computers: [computer('1', { inUse })] },
    seen: [{ id: '1', state }],
    ...parts,
  };
}

const allow: readonly Allowance[] = [{ guard: 'dependents', device: 'SRV-1', reason: 'CHG-1' }];

describe('dependents', () => {
  it('asks the device first, which refuses by itself', () => {
    const { actions, held } = plan(world({}));
    expect(held).toEqual([]);
    expect(actions.map(({ operations }) => operations)).toEqual([[disable]]);
  });

  it('holds what the device refused, says what runs as the account and what releases it', () => {
    const planned = plan(world(refused(disable)));
    expect([planned.changes, planned.actions]).toEqual([[], []]);
    expect(planned.held).toMatchObject([
      {
        guard: 'dependents',
        message: 'the device refused: svc is in use: services Agent',
        release: expect.stringContaining('--allow dependents=DEVICE'),
        policy: 'off',
        kind: 'account.disable',
        subject: { account: 'svc' },
        devices: ['SRV-1'],
      },
    ]);
    expect(exitCodeOf(planned)).toBe(2);
  });

  it.each([
    [
      'deleted',
      account({ account: { name: 'svc' }, ensure: 'absent' }),
      { kind: 'account.delete', account: { name: 'svc' } },
    ],
    [
      'renamed',
      account({ account: { name: 'svc' }, renameTo: 'svc-old' }),
      { kind: 'account.rename', account: { rid: 1002 }, to: 'svc-old' },
    ],
  ] as const)('holds that an account is %s', (_, policy, operation) => {
    const planned = plan(world(refused(operation), { accounts: [policy] }));
    expect(heldLines(planned)).toEqual([`dependents ${operation.kind} svc`]);
    expect(planned.actions).toEqual([]);
  });

  it('holds no other change of the account or the device, and no other device', () => {
    const other = account({ name: 'other', account: { name: 'old' }, ensure: 'absent' });
    const described = account({ ...off, name: 'off', properties: { Description: 'd' } });
    const planned = plan({
      ...world({}, { accounts: [described, other] }),
      recorded: { computers: [computer('1', { inUse: refused(disable) }), computer('2')] },
      seen: [
        { id: '1', state },
        { id: '2', state },
      ],
    });
    expect(planned.changes.map(({ kind, subject, devices }) => [kind, subject['account'], devices])).toEqual([
      ['account.disable', 'svc', ['SRV-2']],
      ['account.set', 'svc', ['SRV-1', 'SRV-2']],
      ['account.delete', 'old', ['SRV-1', 'SRV-2']],
    ]);
    expect(planned.held.map(({ guard, devices }) => [guard, devices])).toEqual([['dependents', ['SRV-1']]]);
  });

  it('is believed for a day, and then the device is asked again', () => {
    const at = (time: string): World => world(refused(disable, time));
    expect(heldLines(plan(at('2026-03-01T09:20:00.001Z')))).toEqual(['dependents account.disable svc']);
    expect(plan(at('2026-03-01T09:20:00.000Z'))).toMatchObject({
      held: [],
      actions: [{ operations: [disable] }],
    });
  });

  it('is set aside for one device, which is then told to ignore what runs as the account', () => {
    const planned = plan(world(refused(disable), {}, { allow }));
    expect(planned.held).toEqual([]);
    expect(planned.actions.map(({ operations }) => operations)).toEqual([[{ ...disable, dependents: 'ignore' }]]);
    expect(planned.warnings).toContain('The guard dependents is set aside on SRV-1: CHG-1.');
  });

  it('is explained as the guard that holds it', () => {
    const { facets } = explainDevice(inputOf(world(refused(disable))), 'SRV-1');
    expect(facets.find(({ property }) => property === 'enabled')).toMatchObject({
      verdict: 'held',
      held: { guard: 'dependents', message: 'the device refused: svc is in use: services Agent' },
    });
  });

  it('keeps equal devices together, whatever order their refusals were kept in', () => {
    const rename: Operation = { kind: 'account.rename', account: { rid: 1003 }, to: 'x' };
    const [one, other] = [refused(disable), refused(rename, undefined, 'old is in use: tasks \\T')];
    const accounts = [off, account({ name: 'name', account: { name: 'old' }, renameTo: 'x' })];
    const { held } = plan({
      ...world({}, { accounts }),
      recorded: {
        computers: [computer('1', { inUse: { ...one, ...other } }), computer('2', { inUse: { ...other, ...one } })],
      },
      seen: [
        { id: '1', state },
        { id: '2', state },
      ],
    });
    expect(held.map(({ kind, devices }) => [kind, devices])).toEqual([
      ['account.rename', ['SRV-1', 'SRV-2']],
      ['account.disable', ['SRV-1', 'SRV-2']],
    ]);
  });

  it('never tells a device to ignore what runs as an account unless somebody said so of it', () => {
    const devices = ['1', '2', '3', '4'];
    const accounts = fc.subarray([
      off,
      account({ name: 'gone', account: { name: 'old' }, ensure: 'absent' }),
      account({ name: 'name', account: { name: 'corp_breakglass' }, renameTo: 'guard', properties: { FullName: 'G' } }),
      account({ name: 'new', account: { name: 'fresh' }, enabled: true }),
    ]);
    fc.assert(
      fc.property(
        accounts,
        fc.subarray(devices),
        fc.subarray(devices),
        fc.constantFrom(now, '2026-02-01T00:00:00.000Z'),
        (declared, allowed, refusing, at) => {
          const planned = plan({
            ...world({}, { accounts: declared }),
            recorded: {
              computers: devices.map((id) =>
                computer(id, refusing.includes(id) ? { inUse: refused(disable, at) } : {}),
              ),
            },
            seen: devices.map((id) => ({ id, state })),
            allow: allowed.map((device) => ({ guard: 'dependents', device, reason: 'CHG-1' })),
          });
          for (const { operations, targets } of planned.actions) {
            const text = Buffer.from(encodeOperations(operations), 'base64').toString();
            const breaks = operations.filter(({ kind }) => breaking.has(kind)).length;
            expect(new Set(targets.map((id) => allowed.includes(id))).size <= 1 || breaks === 0).toBe(true);
            const isAllowed = targets.every((id) => allowed.includes(id));
            expect(text.split('Dependents').length - 1).toBe(isAllowed ? breaks : 0);
          }
        },
      ),
    );
  });
});

const breaking: ReadonlySet<Operation['kind']> = new Set<Operation['kind']>([
  'account.disable',
  'account.delete',
  'account.rename',
]);

describe('refusals', () => {
  const older = refused(disable, '2026-03-01T09:00:00.000Z');
  const rename: Operation = { kind: 'account.rename', account: { rid: 1003 }, to: 'x' };

  it('are kept beside one another, and forgotten when they are not believed any more', () => {
    const key = refusalKey(rename);
    const refusal = { at: '2026-03-02T08:59:59.999Z', message: 'old is in use: tasks \\T' };
    expect(withRefusal(older, key, refusal)).toEqual({ ...older, [key]: refusal });
    const later = { ...refusal, at: '2026-03-02T09:00:00.000Z' };
    expect(withRefusal(older, key, later)).toEqual({ [key]: later });
  });

  it('count from the last time the device refused', () => {
    const again = { at: '2026-03-02T08:00:00.000Z', message: services };
    expect(withRefusal(older, refusalKey(disable), again)).toEqual({ [refusalKey(disable)]: again });
    expect(inUseAt({ [refusalKey(disable)]: again }, '2026-03-03T07:59:00.000Z').size).toBe(1);
  });
});

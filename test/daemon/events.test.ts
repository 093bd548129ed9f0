import { describe, expect, it } from 'vitest';
import { eventsOf, type Happening, type Told, toldNothing } from '../../src/daemon/events.ts';
import type { CycleOutcome } from '../../src/daemon/report.ts';
import { TrueupError } from '../../src/errors.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  domainAdmins,
  inventory,
  plan,
  recovery,
} from '../reconcile/world.ts';

const quiet: CycleOutcome = {
  exitCode: 0,
  run: 'r1',
  plan: plan({}),
  result: null,
  drift: { opened: [], resolved: [] },
  error: null,
};

/** Nobody but the account that is to be disabled may get in: held by last-admin. */
const holding = plan({
  desired: {
    computers: [computers({ recovery: recovery('corp_breakglass') })],
    accounts: [account({ enabled: false })],
  },
  recorded: { computers: [computer('1')] },
  seen: [{ id: '1', state: inventory({ users: [breakglass], admins: ['~-1001'] }) }],
});

function after(told: Told, outcome: Partial<CycleOutcome>, parts: Partial<Happening> = {}) {
  const happening = { at: '2026-03-02T09:00:00.000Z', provider: 'P', cycle: 2, configProblem: null, ...parts };
  return eventsOf({ ...happening, outcome: { ...quiet, ...outcome } }, told);
}

describe('events', () => {
  it('are none where nothing happened', () => {
    expect(after(toldNothing, {}).events).toEqual([]);
  });

  it('tell of checks that began to fail, even where the cycle itself failed', () => {
    const compliance = {
      outcome: 'failed',
      score: 85.2,
      passed: 1262,
      failed: 219,
      unknown: 159,
      opened: 3,
      resolved: 0,
    } as const;
    const error = new TrueupError('TRUEUP_TANIUM_BUSY', 'later');
    for (const outcome of [{}, { error }]) {
      expect(after(toldNothing, outcome, { compliance }).events[0]).toMatchObject({
        event: 'compliance',
        message: '3 checks of devices fail since this cycle; 85.2 % of all pass.',
        count: 1,
        items: [compliance],
      });
    }
    expect(after(toldNothing, {}, { compliance: { ...compliance, opened: 0 } }).events).toEqual([]);
  });

  it('tell once that a cycle stopped sending, although it came to its end', () => {
    const stopped = { code: 'TRUEUP_BUDGET_EXCEEDED', message: 'another run spent some meanwhile' } as const;
    const done = { run: 'r1', plan: '', actions: [], converged: false, failed: [], pending: [], held: 0 };
    const first = after(toldNothing, { exitCode: 2, result: { ...done, stopped } });
    expect(first.events).toMatchObject([{ event: 'refused', message: stopped.message }]);
    expect(after(first.told, { exitCode: 2, result: { ...done, stopped } }).events).toEqual([]);
  });

  it('tell of drift that this cycle opened', () => {
    const record = {
      id: 'd1',
      computerId: '1',
      device: 'SRV-1',
      policy: 'admins',
      kind: 'group.remove',
      subject: { group: 'S-1-5-32-544', member: domainAdmins, name: null },
      state: 'open',
      cause: 'outside-change',
      actor: null,
      firstSeen: '2026-03-02T09:00:00Z',
      lastSeen: '2026-03-02T09:00:00Z',
      count: 1,
      run: 'r1',
    } as const;
    const { events } = after(toldNothing, { drift: { opened: [record, record], resolved: [] } });
    expect(events).toMatchObject([{ event: 'drift', count: 2, run: 'r1', message: '2 differences found.' }]);
    expect(events[0]?.items[0]).toMatchObject({ device: 'SRV-1', cause: 'outside-change' });
  });

  it('tell of a guard once, and again when it held something else in between', () => {
    expect(holding.held.map(({ guard }) => guard)).toEqual(['last-admin']);
    const first = after(toldNothing, { plan: holding });
    expect(first.events).toMatchObject([{ event: 'guard', count: 1 }]);
    const second = after(first.told, { plan: holding });
    expect(second.events).toEqual([]);
    const free = after(second.told, {});
    expect(after(free.told, { plan: holding }).events).toMatchObject([{ event: 'guard' }]);
  });

  it('tell of a quiet guard never', () => {
    const unobserved = plan({
      desired: { computers: [computers({ protect: 'JITA' })] },
      recorded: { computers: [computer('1'), computer('2')] },
      seen: [{ id: '1' }],
    });
    expect(unobserved.held.map(({ guard }) => guard)).toEqual(['unobserved']);
    expect(after(toldNothing, { plan: unobserved }).events).toEqual([]);
  });

  it('tell of a failing device once for each kind of failure', () => {
    const result = {
      run: 'r1',
      plan: 'p',
      actions: [],
      converged: false,
      failed: [{ device: 'SRV-1', code: 'access-denied', message: 'no' }],
      pending: [],
      held: 0,
    };
    const first = after(toldNothing, { result, exitCode: 6 });
    expect(first.events).toMatchObject([{ event: 'failure', items: [{ device: 'SRV-1', code: 'access-denied' }] }]);
    expect(after(first.told, { result, exitCode: 6 }).events).toEqual([]);
  });

  it('tell of a gate that failed, with its figures', () => {
    const gate = {
      wave: 1,
      name: 'canaries',
      devices: 5,
      healthy: 3,
      percent: 99,
      withinSeconds: 60,
      passed: false,
      source: { file: 'rollout.yaml', line: 9 },
    };
    const result = { run: 'r1', plan: 'p', actions: [], converged: false, failed: [], pending: [], held: 7 };
    const { events } = after(toldNothing, { result: { ...result, gates: [gate] }, exitCode: 6 });
    expect(events).toMatchObject([
      {
        event: 'gate',
        message: expect.stringContaining('wave canaries failed: 3 of 5 devices healthy, and 99 % must'),
      },
    ]);
    expect(after(toldNothing, { result: { ...result, gates: [{ ...gate, passed: true }] } }).events).toEqual([]);
  });

  it('tell when contact is lost, not again while it stays lost, and when it is back', () => {
    const error = new TrueupError('TRUEUP_TANIUM_UNREACHABLE', 'Nobody answers.');
    const first = after(toldNothing, { error, plan: null });
    expect(first.events).toMatchObject([{ event: 'lost-contact', message: 'Nobody answers.' }]);
    const second = after(first.told, { error, plan: null });
    expect(second.events).toEqual([]);
    expect(after(second.told, {}).events).toMatchObject([{ event: 'contact-regained' }]);
  });

  it('tell of any other error as a failure', () => {
    const { events } = after(toldNothing, { error: new TrueupError('TRUEUP_NAME_UNRESOLVED', 'Who?'), plan: null });
    expect(events).toMatchObject([{ event: 'failure', items: [{ code: 'TRUEUP_NAME_UNRESOLVED' }] }]);
  });

  it('tell nothing of an interruption, which the operator made', () => {
    const error = new TrueupError('TRUEUP_INTERRUPTED', 'SIGTERM');
    expect(after(toldNothing, { error, plan: null }).events).toEqual([]);
  });

  it('tell when the configuration breaks and when it is mended, once each', () => {
    const configProblem = { code: 'TRUEUP_CONFIG_INVALID', message: 'The configuration has 1 error.' };
    const first = after(toldNothing, {}, { configProblem });
    expect(first.events).toMatchObject([{ event: 'config-broken', items: [configProblem] }]);
    const second = after(first.told, {}, { configProblem });
    expect(second.events).toEqual([]);
    expect(after(second.told, {}).events).toMatchObject([{ event: 'config-mended' }]);
  });

  it('show at most a hundred items and say how many there are', () => {
    const devices = Array.from({ length: 150 }, (_, index) => ({ device: `D${index}`, code: 'x', message: '' }));
    const result = { run: 'r', plan: 'p', actions: [], converged: false, failed: devices, pending: [], held: 0 };
    const [event] = after(toldNothing, { result }).events;
    expect(event?.count).toBe(150);
    expect(event?.items).toHaveLength(100);
  });
});

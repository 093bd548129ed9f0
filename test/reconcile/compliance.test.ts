import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Compliance, Demand } from '../../src/model/compliance.ts';
import type { PostureValue } from '../../src/model/posture.ts';
import { compareText } from '../../src/model/sid.ts';
import { judge } from '../../src/reconcile/compliance-check.ts';
import { complianceExitCode } from '../../src/reconcile/exit-code.ts';
import { baseline, check, complied, report, type Seen } from './compliance-world.ts';
import { computer, computers, exclusion, pattern } from './world.ts';

const signing = check('smb.requireSigning', { op: 'equals', value: true }, 'high');
const ntlm = check('ntlm.level', { op: 'atLeast', value: 5 });

describe('#8 a check', () => {
  it.each<[Demand, PostureValue, 'passed' | 'failed']>([
    [{ op: 'equals', value: true }, true, 'passed'],
    [{ op: 'equals', value: true }, false, 'failed'],
    [{ op: 'equals', value: 'ad' }, 'AD', 'failed'],
    [{ op: 'notEquals', value: 0 }, 0, 'failed'],
    [{ op: 'notEquals', value: 0 }, 1, 'passed'],
    [{ op: 'atLeast', value: 5 }, 5, 'passed'],
    [{ op: 'atLeast', value: 5 }, 4, 'failed'],
    [{ op: 'atLeast', value: 5 }, 10, 'passed'],
    [{ op: 'atMost', value: 10 }, 9, 'passed'],
    [{ op: 'atMost', value: 10 }, 11, 'failed'],
    [{ op: 'in', values: [1, 2] }, 2, 'passed'],
    [{ op: 'in', values: [1, 2] }, 3, 'failed'],
    [{ op: 'notIn', values: ['none', 'legacy'] }, 'ad', 'passed'],
    [{ op: 'notIn', values: ['none', 'legacy'] }, 'none', 'failed'],
    [{ op: 'matches', pattern: pattern('10.0.*') }, '10.0.26100', 'passed'],
    [{ op: 'matches', pattern: pattern('10.0.*') }, '6.3.9600', 'failed'],
    [{ op: 'exists' }, false, 'passed'],
    [{ op: 'notExists' }, false, 'failed'],
  ])('%j of %j has %s', (demand, value, verdict) => {
    expect(judge(demand, value)).toMatchObject({ verdict });
  });

  it.each([
    ['10.0.26100', '10.0.9600', 1],
    ['10.0.9600', '10.0.26100', -1],
    ['6.3.9600', '10.0.9600', -1],
    ['5.1', '5.1.0', 0],
    ['5.1.22621.4391', '5.1', 1],
    ['010.0', '10', 0],
    ['1.99999999999999999999999', '1.99999999999999999999998', 1],
  ])('compares the versions %s and %s part by part', (found, demanded, order) => {
    const verdict = (holds: boolean): string => (holds ? 'passed' : 'failed');
    expect(judge({ op: 'atLeast', value: demanded }, found).verdict).toBe(verdict(order >= 0));
    expect(judge({ op: 'atMost', value: demanded }, found).verdict).toBe(verdict(order <= 0));
  });

  const demands: Demand[] = [
    { op: 'equals', value: true },
    { op: 'notEquals', value: 3 },
    { op: 'atLeast', value: 5 },
    { op: 'atMost', value: '10.0' },
    { op: 'in', values: ['a', 'b'] },
    { op: 'notIn', values: [1] },
    { op: 'matches', pattern: pattern('*') },
    { op: 'exists' },
  ];

  it.each(demands)('#198 is unknown without a value, and never failed: %j', (demand) => {
    expect(judge(demand, undefined)).toEqual({ verdict: 'unknown', why: 'the device reports no value' });
  });

  it('that there be no value passes without one: nothing else could be told of it', () => {
    expect(judge({ op: 'notExists' }, undefined)).toEqual({ verdict: 'passed' });
  });

  it.each<[Demand, PostureValue, string]>([
    [{ op: 'equals', value: true }, 1, 'the device reports a number, and true or false is demanded'],
    [{ op: 'notEquals', value: 'x' }, 1, 'the device reports a number, and a text is demanded'],
    [{ op: 'atLeast', value: 5 }, '7', 'the device reports a text, and a number is demanded'],
    [{ op: 'atLeast', value: '5.1' }, 'seven', 'the device reports what is no version'],
    [{ op: 'atMost', value: '5.1' }, '5.1-beta', 'the device reports what is no version'],
    [{ op: 'in', values: [1, 2] }, 'x', 'the device reports a text, and a number is demanded'],
    [{ op: 'notIn', values: ['x'] }, false, 'the device reports true or false, and a text is demanded'],
    [{ op: 'matches', pattern: pattern('*') }, true, 'the device reports true or false, and a text is demanded'],
  ])('#198 is unknown of a value of another type, and says why: %j of %j', (demand, value, why) => {
    expect(judge(demand, value)).toEqual({ verdict: 'unknown', why });
  });

  it('#198 never fails for want of data, whatever is demanded and whatever is there', () => {
    const value = fc.oneof(fc.boolean(), fc.integer(), fc.string());
    const demand = fc.oneof(
      fc.record({ op: fc.constantFrom('equals' as const, 'notEquals' as const), value }),
      fc.record({
        op: fc.constantFrom('atLeast' as const, 'atMost' as const),
        value: fc.oneof(fc.integer(), fc.constant('10.0')),
      }),
      fc.record({ op: fc.constantFrom('in' as const, 'notIn' as const), values: fc.array(value, { minLength: 1 }) }),
    );
    fc.assert(
      fc.property(demand, value, (asked, found) => {
        expect(judge(asked, undefined).verdict).toBe('unknown');
        const values = 'values' in asked ? asked.values : [asked.value];
        const { verdict } = judge(asked, found);
        if (values.every((one) => typeof one !== typeof found)) expect(verdict).toBe('unknown');
      }),
    );
  });
});

describe('a baseline', () => {
  const fleet: Seen[] = [
    { id: '1', state: { 'smb.requireSigning': true, 'ntlm.level': 5 } },
    { id: '2', state: { 'smb.requireSigning': false, 'ntlm.level': 3 } },
    { id: '3', state: { 'smb.requireSigning': false, 'ntlm.level': 5 } },
    { id: '4', state: { 'ntlm.level': 1 } },
    { id: '5', state: '{"v":1,"error":{"code":"X","message":"broken"}}' },
  ];

  it('#8 has a score of what passed among what passed or failed; what is unknown is counted apart', () => {
    const { baselines, counts, score, devices, outcome } = report({
      baselines: [baseline([signing, ntlm])],
      seen: fleet,
    });
    expect(devices).toEqual({ selected: 5, observed: 4, leftOut: 0 });
    const [one] = baselines;
    expect(one?.checks.map(({ counts: own, score: share }) => [own, share])).toEqual([
      [{ passed: 1, failed: 2, unknown: 2 }, 33.3],
      [{ passed: 2, failed: 2, unknown: 1 }, 50],
    ]);
    expect(counts).toEqual({ passed: 3, failed: 4, unknown: 3 });
    expect([one?.score, score, outcome]).toEqual([42.8, 42.8, 'failed']);
    expect(complianceExitCode(outcome)).toBe(2);
  });

  it('lists the devices that fail by what was found, and the others by why nothing is known', () => {
    const [one] = report({ baselines: [baseline([signing, ntlm])], seen: fleet }).baselines;
    expect(one?.checks[0]).toMatchObject({
      check: 'smb.requireSigning',
      op: 'equals',
      value: true,
      severity: 'high',
      failing: [{ found: false, devices: ['WS-2', 'WS-3'] }],
    });
    expect(one?.checks[0]?.unknown.map(({ devices }) => devices)).toEqual([['WS-5'], ['WS-4']]);
    expect(one?.checks[0]?.unknown.map(({ why }) => why)).toEqual([
      expect.stringMatching(/^the device answered without a posture: .*broken/),
      'the device reports no value',
    ]);
    expect(one?.checks[1]?.failing).toEqual([
      { found: 1, devices: ['WS-4'] },
      { found: 3, devices: ['WS-2'] },
    ]);
  });

  it('#198 #199 has results with their time, their source and their age', () => {
    const stored = { origin: 'stored', ageSeconds: 7200 } as const;
    expect(report({ baselines: [baseline([signing])], seen: fleet, scan: stored }).scan).toEqual({
      sensor: 'NPS Posture',
      at: '2026-03-02T09:14:00Z',
      ageSeconds: 7200,
      maxAgeSeconds: 86_400,
      origin: 'stored',
      missing: null,
    });
  });

  it('is about the devices that its selector selects, and about Windows alone', () => {
    const seen: Seen[] = [
      { id: '1', name: 'SRV-1', os: 'Windows Server 2022', state: { 'ntlm.level': 5 } },
      { id: '2', name: 'WS-2', state: { 'ntlm.level': 1 } },
      { id: '3', name: 'LNX-3', os: 'Debian 12', state: 'Not available on Linux' },
    ];
    const servers = baseline([ntlm], { os: [pattern('Windows Server*')] }, 'servers');
    const grouped = baseline([ntlm], { taniumGroup: ['Pilot'] }, 'pilot');
    const labelled = baseline([ntlm], { labels: { tier: [pattern('0')] } }, 'tier-0');
    const everything = baseline([ntlm], {}, 'all');
    const { baselines, devices } = report({
      baselines: [servers, grouped, labelled, everything],
      seen,
      groups: { Pilot: ['2', '3'] },
      labels: new Map([['ws-2', { tier: '0' }]]),
    });
    expect(baselines.map((one) => [one.baseline, one.devices.selected, one.counts.failed])).toEqual([
      ['all', 2, 1],
      ['pilot', 1, 1],
      ['servers', 1, 0],
      ['tier-0', 1, 1],
    ]);
    expect(devices.selected).toBe(2);
  });

  it('leaves out what is excluded, ignored, or not scanned, and counts it (#109)', () => {
    const seen: Seen[] = ['1', '2', '3', '4'].map((id) => ({ id, state: { 'ntlm.level': 1 } }));
    const { devices, baselines } = report({
      baselines: [baseline([ntlm])],
      seen,
      desired: {
        exclusions: [exclusion('cluster', { name: [pattern('WS-1')] })],
        computers: [computers({ selector: { name: [pattern('WS-2')] }, enforcement: 'ignore' })],
      },
      recorded: { computers: [computer('3', { name: 'WS-3', scan: false })] },
    });
    expect(devices).toEqual({ selected: 1, observed: 1, leftOut: 3 });
    expect(baselines[0]?.checks[0]?.failing).toEqual([{ found: 1, devices: ['WS-4'] }]);
  });

  it('knows nothing of a device that did not answer, or of which it is not certain which it is', () => {
    const { baselines, devices } = report({
      baselines: [baseline([ntlm])],
      seen: [
        { id: '1', state: { 'ntlm.level': 5 } },
        { id: '2', name: 'OTHER', state: { 'ntlm.level': 1 } },
      ],
      recorded: {
        owner: 'npsd',
        computers: [computer('1', { name: 'WS-1' }), computer('2', { name: 'WS-2' }), computer('3', { name: 'WS-3' })],
      },
    });
    expect(devices).toEqual({ selected: 3, observed: 1, leftOut: 0 });
    expect(baselines[0]?.checks[0]).toMatchObject({
      failing: [],
      unknown: [
        { why: expect.stringContaining('it is not certain which machine this is'), devices: ['OTHER'] },
        { why: 'the device did not answer', devices: ['WS-3'] },
      ],
    });
  });

  it('leaves devices that NPS-D does not know out of it, and says so', () => {
    const { devices, warnings } = report({
      baselines: [baseline([ntlm])],
      seen: [
        { id: '1', state: { 'ntlm.level': 5 } },
        { id: '2', state: { 'ntlm.level': 1 } },
      ],
      recorded: { owner: 'npsd', computers: [computer('1', { name: 'WS-1' })] },
    });
    expect(devices.selected).toBe(1);
    expect(warnings).toEqual(['1 device that Tanium knows and NPS-D does not is left out.']);
  });

  it('is never 100 % where something fails, and never 0 % or 100 % of nothing', () => {
    const seen = Array.from(
      { length: 3000 },
      (_, index): Seen => ({
        id: String(index + 1),
        state: { 'ntlm.level': index === 0 ? 1 : 5 },
      }),
    );
    expect(report({ baselines: [baseline([ntlm])], seen }).score).toBe(99.9);
    expect(report({ baselines: [baseline([ntlm])], seen: seen.slice(1) }).score).toBe(100);
    const empty = report({ baselines: [baseline([ntlm])], seen: [] });
    expect([empty.score, empty.outcome, empty.warnings]).toEqual([
      null,
      'no-data',
      ['workstations selects no device.'],
    ]);
    expect(complianceExitCode(empty.outcome)).toBe(4);
  });

  it('of a sensor that is not there is unknown as a whole, for one reason', () => {
    const { baselines, outcome } = report({
      baselines: [baseline([signing, ntlm])],
      seen: [],
      recorded: { computers: [computer('1', { name: 'WS-1' })] },
      scan: { at: null, origin: 'none', missing: 'Tanium has no sensor named "NPS Posture"' },
    });
    expect(outcome).toBe('no-data');
    for (const { unknown } of baselines[0]?.checks ?? []) {
      expect(unknown).toEqual([{ why: 'Tanium has no sensor named "NPS Posture"', devices: ['WS-1'] }]);
    }
  });
});

describe('the outcome', () => {
  const seen: Seen[] = [{ id: '1', state: { 'ntlm.level': 5 } }];
  const recorded = (count: number) => ({
    computers: Array.from({ length: count }, (_, index) => computer(String(index + 1), { name: `WS-${index + 1}` })),
  });

  it('is that too few were observed below the share that the Rollout asks, even if something fails', () => {
    const outcomeOf = (devices: number, level: number): Compliance['outcome'] =>
      report({
        baselines: [baseline([ntlm])],
        seen: [{ id: '1', state: { 'ntlm.level': level } }],
        recorded: recorded(devices),
      }).outcome;
    expect([outcomeOf(2, 5), outcomeOf(2, 1), outcomeOf(3, 5), outcomeOf(3, 1)]).toEqual([
      'passed',
      'failed',
      'too-few',
      'too-few',
    ]);
    expect(complianceExitCode('too-few')).toBe(4);
    expect(complianceExitCode('passed')).toBe(0);
  });

  it('of no baseline is no data', () => {
    const { outcome, warnings } = report({ baselines: [], seen });
    expect([outcome, warnings]).toEqual(['no-data', ['No ComplianceBaseline is declared.']]);
  });
});

describe('a report that was narrowed', () => {
  const seen: Seen[] = [
    { id: '1', name: 'WS-1.corp.example', state: { 'ntlm.level': 5 } },
    { id: '2', name: 'WS-2.corp.example', state: { 'ntlm.level': 1 } },
  ];
  const baselines = [baseline([ntlm], {}, 'a'), baseline([signing], { name: [pattern('WS-1*')] }, 'b')];

  it('to a baseline knows no other', () => {
    const one = report({ baselines, seen, only: { baseline: 'b' } });
    expect(one.baselines.map(({ baseline: name }) => name)).toEqual(['b']);
    expect(one.devices.selected).toBe(1);
    expect(one.only).toEqual({ baseline: 'b', device: null });
  });

  it('to a device counts it alone, and calls it by its label', () => {
    const one = report({ baselines, seen, only: { device: 'ws-2' } });
    expect(one.only).toEqual({ baseline: null, device: 'WS-2.corp.example' });
    expect(one.counts).toEqual({ passed: 0, failed: 1, unknown: 0 });
    expect(one.warnings).toEqual([]);
    const none = report({ baselines: baselines.slice(1), seen, only: { device: '2' } });
    expect(none.warnings).toEqual(['No baseline selects this device, or it is left out.']);
  });

  it('to what nobody has is refused', () => {
    expect(() => report({ baselines, seen, only: { baseline: 'c' } })).toThrow('No ComplianceBaseline is called c.');
    expect(() => report({ baselines, seen, only: { device: 'WS-9' } })).toThrow('No device is called WS-9.');
  });
});

it('a selector that nobody can look at is refused, not taken for one that selects nothing', () => {
  const byUnit = baseline([ntlm], { ou: [pattern('OU=Servers*')] });
  expect(() => report({ baselines: [byUnit], seen: [] })).toThrow(
    expect.objectContaining({ code: 'TRUEUP_SELECTOR_UNKNOWN' }),
  );
});

describe('the same', () => {
  it('in another order gives the same bytes', () => {
    const device = fc.record({
      level: fc.integer({ min: 0, max: 6 }),
      signed: fc.option(fc.boolean(), { nil: null }),
      silent: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(device, { maxLength: 12 }), (devices) => {
        const seen = devices.map(
          ({ level, signed, silent }, index): Seen => ({
            id: String(index + 1),
            state: silent ? null : { 'ntlm.level': level, ...(signed !== null && { 'smb.requireSigning': signed }) },
          }),
        );
        const recorded = { computers: seen.map(({ id }) => computer(id, { name: `WS-${id}` })) };
        const baselines = [baseline([signing, ntlm], {}, 'a'), baseline([ntlm], { name: [pattern('WS-1*')] }, 'b')];
        const one = report({ baselines, seen, recorded });
        const other = report({
          baselines: baselines.toReversed(),
          seen: seen.toReversed(),
          recorded: { computers: recorded.computers.toReversed() },
        });
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
      }),
    );
  });

  it('judged device by device comes to the same as judged by class', () => {
    const values = fc.record({ 'ntlm.level': fc.integer({ min: 3, max: 6 }), 'smb.requireSigning': fc.boolean() });
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 30 }), (devices) => {
        const seen = devices.map((state, index): Seen => ({ id: String(index + 1), state }));
        const { report: told, findings } = complied({ baselines: [baseline([signing, ntlm])], seen });
        for (const [index, one] of [signing, ntlm].entries()) {
          const failing = seen
            .filter(
              ({ state }) => judge(one.demand, (state as Record<string, PostureValue>)[one.path]).verdict === 'failed',
            )
            .map(({ id }) => `WS-${id}`);
          const result = told.baselines[0]?.checks[index];
          expect(result?.failing.flatMap((found) => found.devices).toSorted(compareText)).toEqual(
            failing.toSorted(compareText),
          );
          expect(result?.counts.failed).toBe(failing.length);
        }
        expect([...findings.devices.keys()].toSorted()).toEqual(seen.map(({ id }) => id).toSorted());
      }),
    );
  });
});

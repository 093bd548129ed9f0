import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import {
  account,
  computer,
  computers,
  heldLines,
  inventory,
  lines,
  look,
  member,
  membership,
  pattern,
  plan,
  provider,
} from './world.ts';

const managed = computers({
  enroll: true,
  scan: true,
  protect: 'JITA',
  offlineAccess: 'Unmanaged',
  edrIntegration: 'Production Tanium',
});

describe('enrolment', () => {
  it('makes computers of devices that a ComputerPolicy with enroll selects, with their settings', () => {
    const { plan: result, findings } = look({
      desired: { computers: [managed] },
      recorded: { computers: [] },
      seen: [{ id: '2' }, { id: '1' }],
    });
    expect(result.changes).toMatchObject([
      {
        kind: 'computer.enroll',
        subject: {},
        to: { scan: 'Enabled', protect: 'JITA', offlineAccess: 'Unmanaged', edrIntegration: 'Production Tanium' },
        reason: 'never-applied',
        devices: ['SRV-1', 'SRV-2'],
      },
    ]);
    expect(result.scan).toMatchObject({ selected: 2, observed: 2 });
    expect(findings.devices.map(({ computerId, recordId }) => [computerId, recordId])).toEqual([
      ['1', null],
      ['2', null],
    ]);
  });

  it('plans everything at once: the guards judge the state after the records', () => {
    const result = plan({
      desired: { computers: [managed], accounts: [account({ enabled: false })] },
      recorded: { computers: [] },
      seen: [{ id: '1' }],
    });
    expect(lines(result.changes)).toEqual(['account.disable corp_breakglass', 'computer.enroll']);
    expect(result.held).toEqual([]);
  });

  it('leaves alone what no policy enrolls, and says so', () => {
    const result = plan({
      desired: { computers: [computers({ protect: 'JITA' })], accounts: [account({ enabled: false })] },
      recorded: { computers: [] },
      seen: [{ id: '1' }],
    });
    expect(result.changes).toEqual([]);
    expect(result.held).toEqual([]);
    expect(result.warnings).toEqual([
      '1 device is selected by a policy and left alone: no ComputerPolicy enrolls them.',
      'No data: no device that is or will be enrolled is selected by a policy.',
    ]);
  });

  it('#120 never happens with the records of NPS-D: the device is counted as unmatched', () => {
    const result = plan({
      desired: { computers: [managed] },
      recorded: { owner: 'npsd', computers: [computer('a', { computerId: null, name: 'SRV-1' })] },
      seen: [{ id: '1' }, { id: '2' }, { id: '3', state: 'Not available on Linux', os: 'Debian' }],
    });
    expect(result.changes).toEqual([]);
    expect(result.scan).toMatchObject({ selected: 1, unmatched: 1, answered: 3 });
  });

  it('under observe makes the record and nothing else', () => {
    const result = plan({
      desired: { computers: [{ ...managed, enforcement: 'observe' }], accounts: [account({ enabled: false })] },
      recorded: { computers: [] },
      seen: [{ id: '1' }],
    });
    expect(result.changes).toMatchObject([{ kind: 'computer.enroll', to: {} }]);
    expect(heldLines(result)).toEqual([
      'observe account.disable corp_breakglass',
      'observe computer.set edrIntegration',
      'observe computer.set protect',
      'observe computer.set scan',
    ]);
  });
});

describe('settings', () => {
  it('#13 are one change per field, of the policy that decided it', () => {
    const base = computers({ name: 'base', scan: true, protect: 'Disabled' });
    const strict = computers({ name: 'strict', priority: 10, protect: 'Deny' });
    const result = plan({
      desired: { computers: [base, strict] },
      recorded: { computers: [computer('1', { scan: false, protect: null })] },
      seen: [{ id: '1' }],
    });
    expect(result.changes.map(({ policy, kind, subject, from, to }) => [policy, kind, subject, from, to])).toEqual([
      ['base', 'computer.set', { field: 'scan' }, 'Disabled', 'Enabled'],
      ['strict', 'computer.set', { field: 'protect' }, null, 'Deny'],
    ]);
    expect(result.actions).toEqual([]);
  });

  it('C4 takes the provider key of older records for the name', () => {
    const world = (edrIntegration: string | null) => ({
      desired: { computers: [managed] },
      recorded: { computers: [computer('1', { edrIntegration })] },
      seen: [{ id: '1' }],
    });
    expect(plan(world('tanium_cloud')).changes).toEqual([]);
    expect(lines(plan(world('Other')).changes)).toEqual(['computer.set edrIntegration']);
    expect(lines(plan(world(null)).changes)).toEqual(['computer.set edrIntegration']);
  });

  it('#116 ending managed offline access shows what NPS-D will do', () => {
    const [change, ...others] = plan({
      desired: { computers: [managed] },
      recorded: { computers: [computer('1', { offlineAccess: 'os-best-practice' })] },
      seen: [{ id: '1' }],
    }).changes;
    expect(others).toEqual([]);
    expect(change).toMatchObject({ subject: { field: 'offlineAccess' }, from: 'os-best-practice', to: 'Unmanaged' });
    expect(change?.consequence).toMatch(/deletes the alternate administrator and enables RID 500 again/);
  });

  it('that nobody declares are left alone', () => {
    const result = plan({
      desired: { computers: [computers({ scan: true })] },
      recorded: { computers: [computer('1', { protect: 'Deny', offlineAccess: 'custom', edrIntegration: null })] },
      seen: [{ id: '1' }],
    });
    expect(result.changes).toEqual([]);
  });
});

describe('out of scope', () => {
  it('a domain controller is never enrolled, never changed, and held once whatever selects it', () => {
    const dc = inventory({ os: { build: '10.0.20348', kind: 'dc' }, users: [], admins: [] });
    const result = plan({
      desired: { computers: [managed], accounts: [account()], memberships: [membership({ mode: 'exact' })] },
      recorded: { computers: [computer('2')] },
      seen: [
        { id: '1', state: dc },
        { id: '2', state: dc },
      ],
    });
    expect(result.changes).toEqual([]);
    expect(result.held).toMatchObject([
      { guard: 'domain-controller', kind: null, release: null, devices: ['SRV-1', 'SRV-2'] },
    ]);
    expect(result.scan.selected).toBe(0);
    expect(exitCodeOf(result)).toBe(0);
  });

  it('#1 a device that does not run Windows is skipped with a reason', () => {
    const result = plan({
      desired: { computers: [managed] },
      recorded: { computers: [] },
      seen: [{ id: '1', os: 'Debian GNU/Linux 12', state: 'Not available on Linux' }],
    });
    expect(result.changes).toEqual([]);
    expect(result.held).toEqual([]);
    expect(result.warnings[1]).toBe('No data: no device that is or will be enrolled is selected by a policy.');
    expect(result.warnings[0]).toContain('not Windows');
    expect(result.scan).toMatchObject({ answered: 1, selected: 0 });
  });

  it('enforcement ignore takes a device out of every policy', () => {
    const ignore = computers({
      name: 'lab',
      priority: 10,
      enforcement: 'ignore',
      selector: { name: [pattern('SRV-2')] },
    });
    const result = plan({
      desired: { computers: [managed, ignore], memberships: [membership({ members: [member('corp_breakglass')] })] },
      seen: [{ id: '1' }, { id: '2' }],
    });
    expect(result.changes.map(({ devices }) => devices)).toEqual([['SRV-1']]);
    expect(result.held).toEqual([]);
    expect(result.scan.selected).toBe(1);
  });
});

describe('selectors', () => {
  it('by something the embedded store cannot know are an error with file and line', () => {
    const byUnit = account({ name: 'units', line: 12, selector: { exclude: [{ ou: [pattern('*Servers*')] }] } });
    expect(() => plan({ desired: { accounts: [byUnit] } })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_SELECTOR_UNKNOWN', source: 'units.yaml:12' }),
    );
    expect(() => plan({ desired: { accounts: [byUnit] }, recorded: { owner: 'npsd' } })).not.toThrow();
  });

  it('by labels need a file of labels', () => {
    const byLabel = account({ selector: { labels: { tier: [pattern('0')] } }, enabled: false });
    const world = { desired: { accounts: [byLabel] }, seen: [{ id: '1' }, { id: '2', name: 'WS-2.corp.example' }] };
    expect(() => plan(world)).toThrow(expect.objectContaining({ code: 'TRUEUP_SELECTOR_UNKNOWN' }));
    const labels = new Map([['ws-2', { tier: '0' }]]);
    const result = plan({ ...world, provider: provider({ deviceLabels: 'labels.csv' }), labels });
    expect(result.changes.map(({ devices }) => devices)).toEqual([['WS-2.corp.example']]);
  });

  it('see the domain, the Tanium groups and the age of the record', () => {
    const selector = {
      domain: [pattern('corp.example')],
      taniumGroup: ['Servers'],
      insertedWithinSeconds: 3600,
    };
    const result = plan({
      desired: { accounts: [account({ selector, enabled: false })] },
      recorded: {
        computers: [
          computer('1', { insertedAt: '2026-03-02T09:00:00Z' }),
          computer('2', { insertedAt: '2026-03-01T09:00:00Z' }),
          computer('3', { insertedAt: '2026-03-02T09:00:00Z' }),
        ],
      },
      seen: [{ id: '1' }, { id: '2' }, { id: '3' }],
      scan: { groupMembers: new Map([['Servers', new Set(['1', '2'])]]) },
    });
    expect(result.changes.map(({ devices }) => devices)).toEqual([['SRV-1']]);
  });
});

import { describe, expect, it } from 'vitest';
import { subjectKey } from '../../src/model/drift.ts';
import type { DeviceExplanation, ExplainedFacet } from '../../src/model/explanation.ts';
import { explainDevice } from '../../src/reconcile/explain.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import {
  account,
  administrator,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  exclusion,
  helpdesk,
  inputOf,
  inventory,
  member,
  membership,
  orphan,
  pattern,
  provider,
  recovery,
  type Seen,
  user,
  type World,
} from './world.ts';

function explained(world: World, device = '1'): DeviceExplanation {
  return explainDevice(inputOf(world), device);
}

/** `account corp_breakglass enabled: false → true met breakglass.yaml:1` */
function line({ subject, property, observed, desired, verdict, rule }: ExplainedFacet): string {
  const about = subject['name'] ?? subject['member'] ?? subject['account'] ?? subject['group'] ?? 'record';
  const of = property === null ? about : `${about} ${property}`;
  const by = rule === null ? 'nobody' : `${rule.source.file}:${rule.source.line}`;
  return `${of}: ${JSON.stringify(observed)} → ${JSON.stringify(desired)} ${verdict} ${by}`;
}

function lines({ facets }: DeviceExplanation): string[] {
  return facets.map(line);
}

describe('a facet', () => {
  it('of the record says which ComputerPolicy decides it, the one of the higher priority', () => {
    const low = computers({ name: 'all', protect: 'Disabled', scan: true });
    const high = computers({ name: 'servers', line: 3, priority: 10, protect: 'JITA', enforcement: 'enforce' });
    const told = explained({ desired: { computers: [low, high] }, seen: [{ id: '1' }] });
    expect(lines(told).slice(0, 2)).toEqual([
      'record scan: "Enabled" → "Enabled" met all.yaml:1',
      'record protect: "JITA" → "JITA" met servers.yaml:3',
    ]);
    expect(told.selectedBy.map(({ policy, priority }) => [policy, priority])).toEqual([
      ['servers', 10],
      ['all', 0],
    ]);
    expect(told.settings).toEqual([
      {
        field: 'enforcement',
        value: 'enforce',
        rule: { kind: 'ComputerPolicy', policy: 'servers', source: { file: 'servers.yaml', line: 3 } },
      },
    ]);
  });

  it('of an account tells each property with the document that decides it', () => {
    const told = explained({
      desired: {
        accounts: [
          account({ priority: 5, enabled: true, unlocked: true, properties: { Description: 'x' } }),
          account({ name: 'text', line: 2, properties: { FullName: 'Break Glass', Description: 'y' } }),
          account({ name: 'gone', line: 3, account: { name: 'old' }, ensure: 'absent' }),
          account({ name: 'rid500', line: 4, account: { builtin: 'administrator' }, renameTo: 'locadm' }),
        ],
      },
      seen: [{ id: '1', state: inventory({ users: [{ ...breakglass, locked: true }, user(1005, 'jdoe')] }) }],
    });
    expect(lines(told).filter((text) => !text.startsWith('CORP'))).toEqual([
      'built-in Administrator: "present" → "present" met rid500.yaml:4',
      'built-in Administrator name: "Administrator" → "locadm" differs rid500.yaml:4',
      'corp_breakglass: "present" → "present" met breakglass.yaml:1',
      'corp_breakglass enabled: true → true met breakglass.yaml:1',
      'corp_breakglass locked: "locked" → "unlocked" differs breakglass.yaml:1',
      'corp_breakglass Description: "" → "x" differs breakglass.yaml:1',
      'corp_breakglass FullName: "" → "Break Glass" differs text.yaml:2',
      'old: "absent" → "absent" met gone.yaml:3',
      'jdoe: "enabled" → null undeclared nobody',
      'built-in Administrator: "member" → null undeclared nobody',
    ]);
  });

  it('of an account that is not there waits for its creation', () => {
    const told = explained({
      desired: { accounts: [account({ account: { name: 'fresh' }, enabled: true, properties: { FullName: 'F' } })] },
      seen: [{ id: '1', state: inventory({ users: [], admins: [] }) }],
    });
    expect(lines(told).slice(0, 3)).toEqual([
      'fresh: "absent" → "present" differs breakglass.yaml:1',
      'fresh enabled: null → true waits breakglass.yaml:1',
      'fresh FullName: null → "F" waits breakglass.yaml:1',
    ]);
  });

  it('of an exact group tells why somebody stays whom nobody declares', () => {
    const told = explained({
      desired: {
        memberships: [
          membership({ mode: 'exact', members: [member(domainAdmins), member('CORP\\helpdesk-7', 'jita')] }),
          membership({ name: 'keep', line: 2, keep: [pattern('CORP\\contractor*')] }),
        ],
      },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, helpdesk, contractor, orphan] }) }],
    });
    const group = told.facets.filter(({ about }) => about === 'group');
    expect(group.map(line)).toEqual([
      'CORP\\Domain Admins: "member" → "member" met administrators.yaml:1',
      'CORP\\helpdesk-7: "member" → "jita" differs administrators.yaml:1',
      'CORP\\contractor-x: "member" → null left keep.yaml:2',
      `${orphan}: "member" → "absent" held administrators.yaml:1`,
      'built-in Administrator: "member" → null left nobody',
      'S-1-5-32-544: "exact" → "exact" met administrators.yaml:1',
    ]);
    expect(group.map(({ why }) => why).filter((why) => why !== null)).toEqual([
      'kept by the pattern CORP\\contractor*',
      'RID 500 is a member of Administrators always',
    ]);
    expect(group[3]).toMatchObject({ change: 'group.remove', held: { guard: 'orphan' } });
  });

  it('of the account that LAPS manages is left alone', () => {
    const state = inventory({ users: [administrator], laps: { mode: 'ad', rid: 500 } });
    const told = explained({
      desired: { memberships: [membership({ mode: 'exact', group: 'S-1-5-32-555' })] },
      seen: [
        {
          id: '1',
          state: {
            ...state,
            groups: [...state.groups, { sid: 'S-1-5-32-555', members: [{ sid: '~-500', kind: 'u', name: null }] }],
          },
        },
      ],
    });
    expect(told.facets).toContainEqual(
      expect.objectContaining({ why: 'the account belongs to Windows LAPS', verdict: 'left' }),
    );
  });

  it('says that our last correction of it failed', () => {
    const failedSubjects = [subjectKey('account.disable', { account: 'corp_breakglass' })];
    const told = explained({
      desired: { accounts: [account({ enabled: false })] },
      seen: [{ id: '1' }],
      recorded: { computers: [computer('1', { failedSubjects })] },
    });
    expect(told.facets.filter(({ failed }) => failed).map(({ property }) => property)).toEqual(['enabled']);
  });
});

describe('a device', () => {
  it.each([
    ['unselected', { computers: [computers({ selector: { name: [pattern('X')] } })] }, {}],
    ['ignored', { computers: [computers({ enforcement: 'ignore', scan: true })] }, {}],
    [
      'not-windows',
      { computers: [computers({ scan: true })] },
      { os: 'Debian', state: '{"v":1,"unsupported":"linux"}' },
    ],
    ['held', { computers: [computers({ scan: true })] }, { state: 'TSE-Error: no such sensor' }],
    ['compared', { computers: [computers({ scan: true })] }, {}],
  ] as const)('that is %s says so', (standing, wanted, seen: Partial<Seen>) => {
    expect(explained({ desired: wanted, seen: [{ id: '1', ...seen }] }).standing).toBe(standing);
  });

  it('that no ComputerPolicy enrolls says so', () => {
    const world: World = { desired: { computers: [computers({ scan: true })] }, seen: [{ id: '1' }] };
    expect(explained({ ...world, recorded: { computers: [] } })).toMatchObject({
      standing: 'not-enrolled',
      record: null,
    });
  });

  it('that is excluded shows what differs all the same, held with the exclusion and its line', () => {
    const told = explained({
      desired: { accounts: [account({ enabled: false })], exclusions: [exclusion('cluster', {})] },
      seen: [{ id: '1' }],
    });
    expect(told.held).toEqual([
      {
        guard: 'excluded',
        message: 'left alone until 2026-06-01T00:00Z: incident 42',
        release: 'End the Exclusion',
        rule: { kind: 'Exclusion', policy: 'cluster', source: { file: 'cluster.yaml', line: 1 } },
      },
    ]);
    expect(lines(told)).toContain('corp_breakglass enabled: true → false held breakglass.yaml:1');
  });

  it('that has not answered, or may be another machine, shows what is declared and claims nothing', () => {
    const wanted = {
      accounts: [account({ enabled: true })],
      memberships: [membership({ members: [member(helpdesk)] })],
    };
    const unknown = [
      'corp_breakglass: null → "present" unknown breakglass.yaml:1',
      'corp_breakglass enabled: null → true unknown breakglass.yaml:1',
      `${helpdesk}: null → "member" unknown administrators.yaml:1`,
    ];
    const silent = explained({ desired: wanted, recorded: { computers: [computer('1')] } });
    expect(silent.held.map(({ guard }) => guard)).toEqual(['unobserved']);
    expect(lines(silent)).toEqual(unknown);
    const doubtful = explained({
      desired: wanted,
      recorded: { computers: [computer('1', { identityConflict: 'machine SID differs' })] },
      seen: [{ id: '1', state: inventory({ users: [] }) }],
    });
    expect(doubtful.held.map(({ guard }) => guard)).toEqual(['identity']);
    expect(lines(doubtful)).toEqual(unknown);
  });

  it('that is a domain controller has nothing that could be declared', () => {
    const dc = inventory({ os: { build: '10.0.20348', kind: 'dc' }, users: [], admins: [] });
    const told = explained({ desired: { accounts: [account({ enabled: true })] }, seen: [{ id: '1', state: dc }] });
    expect(told).toMatchObject({ standing: 'held', facets: [], held: [{ guard: 'domain-controller' }] });
  });

  it('of a provider that is off is held, and its record is compared', () => {
    const told = explained({
      provider: provider({ enable: false }),
      desired: { computers: [computers({ protect: 'Deny' })] },
      recorded: { computers: [computer('1')] },
      scan: { at: null },
    });
    expect(told).toMatchObject({ standing: 'held', held: [{ guard: 'provider-off' }], scan: { at: null } });
    expect(lines(told)).toEqual(['record protect: "JITA" → "Deny" held computers.yaml:1']);
  });
});

describe('a name', () => {
  const seen: readonly Seen[] = [
    { id: '1', name: 'SRV-1.corp.example' },
    { id: '21', name: 'TWIN' },
    { id: '22', name: 'TWIN' },
  ];

  it.each(['1', 'srv-1', 'SRV-1.corp.example', 'SRV-1#1'])('is taken as %s', (text) => {
    expect(explained({ seen }, text).device).toBe('SRV-1.corp.example');
  });

  it('that two devices bear is an error with both', () => {
    expect(() => explained({ seen }, 'twin')).toThrow('2 devices are called twin: TWIN#21, TWIN#22.');
    expect(explained({ seen }, 'TWIN#22').computerId).toBe('22');
  });

  it('that nobody bears is an error', () => {
    expect(() => explained({ seen }, 'SRV-9')).toThrow('No device is called SRV-9.');
  });
});

describe('an explanation', () => {
  const wanted: World['desired'] = {
    computers: [
      computers({ name: 'servers', protect: 'JITA', enroll: true, scan: true, recovery: recovery(domainAdmins) }),
      computers({ name: 'watched', priority: 5, enforcement: 'observe', selector: { name: [pattern('SRV-3*')] } }),
    ],
    memberships: [membership({ mode: 'exact', members: [member(domainAdmins), member('corp_breakglass')] })],
    accounts: [
      account({ enabled: true, properties: { Description: 'For emergencies' } }),
      account({ name: 'leaver', account: { name: 'jdoe' }, ensure: 'absent' }),
    ],
    exclusions: [exclusion('cluster', { name: [pattern('SRV-4*')] })],
  };
  const members = [domainAdmins, helpdesk, contractor, orphan, '~-1001', '~-1005'];
  const seen = Array.from({ length: 48 }, (_, index): Seen => {
    const users = [{ ...breakglass, enabled: index % 2 === 0 }, user(1005, index % 3 === 0 ? 'jdoe' : 'other')];
    const admins = members.filter((_, place) => ((index * 7) >> place) % 2 === 1);
    return { id: String(index), state: inventory({ users: index % 5 === 0 ? [] : users, admins }) };
  });
  const world: World = {
    desired: wanted,
    seen: seen.filter(({ id }) => Number(id) % 11 !== 0),
    recorded: { computers: seen.filter(({ id }) => Number(id) % 13 !== 0).map(({ id }) => computer(id)) },
  };

  it('says of each device what the plan of the whole fleet says of it', () => {
    const input = inputOf(world);
    const { plan } = reconcile(input);
    let compared = 0;
    for (const { id } of seen.filter((one) => Number(one.id) % 143 !== 0)) {
      const told = explainDevice(input, id);
      const changes = plan.changes.filter(({ devices }) => devices.includes(told.device));
      const key = (one: { kind: string; subject: object; policy: string; line: number; reason: unknown }): string =>
        JSON.stringify([one.kind, one.subject, one.policy, one.line, one.reason]);
      const planned = changes.map(({ kind, subject, policy, source, reason }) => {
        return key({ kind, subject, policy, line: source.line, reason });
      });
      const differing = told.facets.filter(({ verdict }) => verdict === 'differs');
      const differences = differing.map(({ change, subject, rule, reason }) => {
        return key({
          kind: change ?? '',
          subject: change === 'computer.enroll' ? {} : subject,
          policy: rule?.policy ?? '',
          line: rule?.source.line ?? 0,
          reason,
        });
      });
      expect(differences.toSorted(), told.device).toEqual(planned.toSorted());

      const held = plan.held.filter(({ devices, kind }) => devices.includes(told.device) && kind !== null);
      const guards = told.facets.flatMap((facet) =>
        facet.held === null || told.held.length > 0 ? [] : [facet.held.guard],
      );
      expect(guards.toSorted(), told.device).toEqual(held.map(({ guard }) => guard).toSorted());
      const whole = plan.held.filter(({ devices, kind }) => devices.includes(told.device) && kind === null);
      expect(told.held.map(({ guard }) => guard)).toEqual(whole.map(({ guard }) => guard));
      compared += differing.length;
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('leaves the plan as it is: whoever asks changes no answer', () => {
    const input = inputOf(world);
    const before = reconcile(input).plan;
    explainDevice(input, '1');
    expect(reconcile(input).plan).toEqual(before);
  });
});

describe('a device with thousands of differences', () => {
  it('is judged once, and not once for each facet', { timeout: 3000 }, () => {
    const admins = Array.from({ length: 3000 }, (_, index) => `S-1-5-21-1-2-3-${5000 + index}`);
    const desired = { computers: [computers({})], memberships: [membership({ mode: 'exact', members: [] })] };
    const told = explained({ desired, seen: [{ id: '1', state: inventory({ admins }) }] });
    expect(told.facets.filter(({ verdict }) => verdict === 'held')).toHaveLength(3000);
  });
});

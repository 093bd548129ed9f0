/** Who has access for a time, and works with it now, is let work (npsd-domain.md 1.1 and 4.5). */
import { describe, expect, it } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { exitCodeOf } from '../../src/reconcile/exit-code.ts';
import { explainDevice } from '../../src/reconcile/explain.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  heldLines,
  helpdesk,
  inputOf,
  inventory,
  lines,
  look,
  member,
  membership,
  plan,
  recovery,
  type World,
} from './world.ts';

const reachable = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });
const local = '~-1001';
const crowded = inventory({ admins: [domainAdmins, contractor, local] });

function world(desired: Partial<Desired>, sessions: readonly string[], parts: World = {}): World {
  return {
    desired: { computers: [reachable], ...desired },
    recorded: { computers: [computer('1', { sessions })] },
    seen: [{ id: '1', state: crowded }],
    ...parts,
  };
}

const timed = membership({ mode: 'exact', members: [member(domainAdmins), member(contractor, 'jita')], keep: [] });
const keepsLocal = { ...timed, members: [...timed.members, member('corp_breakglass')] };

describe('active-session', () => {
  it('holds somebody with jita in an exact group for as long as the session, and no longer', () => {
    const held = plan(world({ memberships: [keepsLocal] }, [contractor]));
    expect(held.changes).toEqual([]);
    expect(held.held).toMatchObject([
      {
        guard: 'active-session',
        message: 'CORP\\contractor-x has a session in progress',
        release: 'Wait for its end, or apply with --allow active-session=DEVICE',
        policy: 'administrators',
        devices: ['SRV-1'],
      },
    ]);
    expect(exitCodeOf(held)).toBe(2);
    const over = plan(world({ memberships: [keepsLocal] }, []));
    expect(lines(over.changes)).toEqual(['group.remove CORP\\contractor-x']);
    expect(over.held).toEqual([]);
  });

  it.each([
    ['declared absent', membership({ members: [member(contractor, 'absent')] })],
    [
      'in excess of an exact group',
      membership({ mode: 'exact', members: [member(domainAdmins), member('corp_breakglass')] }),
    ],
  ])('holds the removal of somebody %s', (_, policy) => {
    expect(heldLines(plan(world({ memberships: [policy] }, [contractor])))).toEqual([
      'active-session group.remove CORP\\contractor-x',
    ]);
  });

  it.each([
    ['disabled', account({ enabled: false }), 'account.disable'],
    ['deleted', account({ ensure: 'absent' }), 'account.delete'],
  ])('holds that a local account is %s, and lets it be changed otherwise', (_, policy, kind) => {
    const other = account({ name: 'other', properties: { Description: 'd' } });
    const accounts = policy.ensure === 'absent' ? [policy] : [policy, other];
    const planned = plan(world({ accounts }, [local]));
    expect(heldLines(planned)).toEqual([`active-session ${kind} corp_breakglass`]);
    expect(planned.changes.map(({ kind: one }) => one)).toEqual(policy.ensure === 'absent' ? [] : ['account.set']);
  });

  it('holds nobody else, and no other device', () => {
    const planned = plan({
      ...world({ memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })] }, []),
      recorded: { computers: [computer('1', { sessions: [contractor] }), computer('2', { sessions: [helpdesk] })] },
      seen: [
        { id: '1', state: crowded },
        { id: '2', state: crowded },
      ],
    });
    expect(planned.changes.map(({ subject, devices }) => [subject['name'], devices])).toEqual([
      ['corp_breakglass', ['SRV-1', 'SRV-2']],
      ['CORP\\contractor-x', ['SRV-2']],
    ]);
    expect(planned.held.map(({ guard, devices }) => [guard, devices])).toEqual([['active-session', ['SRV-1']]]);
  });

  it('is set aside for one device', () => {
    const allow = [{ guard: 'active-session' as const, device: 'SRV-1', reason: 'INC-7' }];
    expect(lines(plan(world({ memberships: [keepsLocal] }, [contractor], { allow })).changes)).toEqual([
      'group.remove CORP\\contractor-x',
    ]);
  });

  it('takes nothing from a group that is not exact', () => {
    const include = membership({ members: [member(contractor, 'jita')] });
    const planned = plan(world({ memberships: [include] }, [contractor]));
    expect([planned.changes, planned.held]).toEqual([[], []]);
  });

  it('marks the difference as no drift, whatever holds it', () => {
    const watched = { ...reachable, enforcement: 'observe' as const };
    for (const policy of [reachable, watched]) {
      const { findings } = look(world({ computers: [policy], memberships: [timed] }, [contractor]));
      expect(findings.differences.map(({ subject, session }) => [subject['name'], session])).toEqual([
        ['CORP\\contractor-x', true],
        ['corp_breakglass', false],
      ]);
    }
  });
});

describe('explain', () => {
  const told = (desired: Partial<Desired>) =>
    explainDevice(inputOf(world(desired, [contractor, local])), 'SRV-1')
      .facets.filter(({ about, subject }) => about === 'group' && subject['member'] !== undefined)
      .map(({ subject, observed, verdict, held }) => [subject['name'], observed, verdict, held?.guard ?? null]);

  it('shows a session as one, whatever is declared of the member', () => {
    expect(told({ memberships: [timed] })).toEqual([
      ['CORP\\Domain Admins', 'member', 'met', null],
      ['CORP\\contractor-x', 'session', 'held', 'active-session'],
      ['corp_breakglass', 'session', 'held', 'active-session'],
      ['built-in Administrator', 'member', 'left', null],
    ]);
  });

  it('shows one of a member whom nobody declares, or who may have it', () => {
    expect(told({ memberships: [membership({ members: [member(contractor, 'jita')] })] })).toEqual([
      ['CORP\\contractor-x', 'session', 'left', null],
      ['CORP\\Domain Admins', 'member', 'undeclared', null],
      [breakglass.name, 'session', 'undeclared', null],
      ['built-in Administrator', 'member', 'undeclared', null],
    ]);
  });
});

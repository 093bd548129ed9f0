import { describe, expect, it } from 'vitest';
import { ADMINISTRATORS, localSid } from '../../src/model/sid.ts';
import {
  account,
  breakglass,
  computers,
  contractor,
  domainAdmins,
  heldLines,
  helpdesk,
  inventory,
  lines,
  look,
  member,
  membership,
  orphan,
  pattern,
  plan,
  provider,
  recovery,
  user,
} from './world.ts';

const local = localSid(1001);
const getsIn = computers({ recovery: recovery(domainAdmins) });

describe('declared members', () => {
  it('#10 adds whoever is missing, a domain principal by SID and a local account by name', () => {
    const result = plan({
      desired: {
        computers: [getsIn],
        memberships: [membership({ members: [member(helpdesk), member('corp_breakglass')] })],
      },
      seen: [{ id: '1' }],
    });
    expect(lines(result.changes)).toEqual([`group.add ${helpdesk}`, 'group.add corp_breakglass'].toSorted());
    expect(result.actions.map(({ operations }) => operations)).toEqual([
      [
        {
          kind: 'group.add',
          group: ADMINISTRATORS,
          members: [{ sid: helpdesk }, { localName: 'corp_breakglass' }],
        },
      ],
    ]);
  });

  it('#11 removes whoever is declared absent', () => {
    const result = plan({
      desired: { computers: [getsIn], memberships: [membership({ members: [member(contractor, 'absent')] })] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
    });
    expect(lines(result.changes)).toEqual(['group.remove CORP\\contractor-x']);
  });

  it('#185 sends nothing where a member is in already, or out already', () => {
    const members = [member(domainAdmins), member('corp_breakglass'), member(contractor, 'absent')];
    const result = plan({
      desired: { memberships: [membership({ members })] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, local] }) }],
    });
    expect(result.changes).toEqual([]);
    expect(result.actions).toEqual([]);
  });

  it('#186 #188 puts all additions into one operation before all removals in another', () => {
    const members = [member(helpdesk), member('corp_breakglass'), member(contractor, 'absent')];
    const [action, ...others] = plan({
      desired: { computers: [getsIn], memberships: [membership({ members, mode: 'exact' })] },
      seen: [
        {
          id: '1',
          state: inventory({
            users: [breakglass, user(1002, 'temp')],
            admins: [domainAdmins, contractor, localSid(1002)],
          }),
        },
      ],
    }).actions;
    expect(others).toEqual([]);
    expect(action?.stages).toEqual(['add', 'remove']);
    expect(action?.operations.map(({ kind }) => kind)).toEqual(['group.add', 'group.remove']);
  });

  it('leaves alone a member whom nobody names, unless the group is exact', () => {
    const world = (mode: 'include' | 'exact') =>
      plan({
        desired: { computers: [getsIn], memberships: [membership({ mode, members: [member(domainAdmins)] })] },
        seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
      });
    expect(world('include').changes).toEqual([]);
    expect(lines(world('exact').changes)).toEqual(['group.remove CORP\\contractor-x']);
  });

  it('never adds a jita member, and removes one only from an exact group that does not keep it', () => {
    const timed = (mode: 'include' | 'exact', keep: string[] = []) => ({
      computers: [getsIn],
      memberships: [
        membership({ mode, members: [member(domainAdmins), member(contractor, 'jita')], keep: keep.map(pattern) }),
      ],
    });
    const seen = [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }];
    expect(plan({ desired: timed('exact'), seen: [{ id: '1' }] }).changes).toEqual([]);
    expect(plan({ desired: timed('include'), seen }).changes).toEqual([]);
    expect(plan({ desired: timed('exact', ['CORP\\contractor*']), seen }).changes).toEqual([]);
    expect(lines(plan({ desired: timed('exact'), seen }).changes)).toEqual(['group.remove CORP\\contractor-x']);
  });
});

describe('an exact group', () => {
  const exact = (keep: string[] = []) =>
    membership({ mode: 'exact', members: [member(domainAdmins)], keep: keep.map(pattern) });

  it('contains RID 500 without being told, and is exact with it', () => {
    const result = plan({ desired: { memberships: [exact()] }, seen: [{ id: '1' }] });
    expect(result.changes).toEqual([]);
    expect(result.held).toEqual([]);
  });

  it.each([
    ['its SID', ['S-1-5-21-3623811015-*'], orphan],
    ['its resolved name', ['corp\\CONTRACTOR-?'], contractor],
    ['the plain name of a local account', ['corp_break*'], local],
  ])('keeps who matches a pattern by %s', (_, keep, sid) => {
    const result = plan({
      desired: { memberships: [exact(keep)] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, sid] }) }],
    });
    expect(result.changes).toEqual([]);
    expect(result.held).toEqual([]);
  });

  it('leaves the account that LAPS manages', () => {
    const state = inventory({
      users: [breakglass, user(1002, 'lapsadmin')],
      admins: [domainAdmins, localSid(1002)],
      laps: { mode: 'ad', rid: 1002 },
    });
    const result = plan({ desired: { memberships: [exact()] }, seen: [{ id: '1', state }] });
    expect(result.changes).toEqual([]);
    expect(result.held).toEqual([]);
  });

  it('knows an orphan here by its name from another device', () => {
    const state = inventory({ admins: [domainAdmins, contractor] });
    const nameless = {
      ...state,
      groups: state.groups.map((group) => ({
        ...group,
        members: group.members.map((one) => (one.sid === contractor ? { ...one, name: null } : one)),
      })),
    };
    const result = plan({
      desired: { computers: [getsIn], memberships: [exact()] },
      seen: [
        { id: '1', state: nameless },
        { id: '2', state },
      ],
    });
    expect(result.changes.map(({ subject, devices }) => [subject['name'], devices])).toEqual([
      ['CORP\\contractor-x', ['SRV-1', 'SRV-2']],
    ]);
  });

  it('is one by the highest priority that speaks, and an include beside it only adds members', () => {
    const seen = [{ id: '1', state: inventory({ admins: [domainAdmins, contractor, helpdesk] }) }];
    const adds = membership({ name: 'helpdesk', members: [member(helpdesk)] });
    const besides = plan({ desired: { computers: [getsIn], memberships: [exact(), adds] }, seen });
    expect(lines(besides.changes)).toEqual(['group.remove CORP\\contractor-x']);
    const above = plan({ desired: { computers: [getsIn], memberships: [exact(), { ...adds, priority: 10 }] }, seen });
    expect(above.changes).toEqual([]);
  });

  it('keeps whom any of its policies keeps', () => {
    const keeps = membership({ name: 'keeps', priority: -1, keep: [pattern('*contractor*')] });
    const seen = [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }];
    expect(plan({ desired: { memberships: [exact(), keeps] }, seen }).changes).toEqual([]);
  });
});

describe('priorities', () => {
  it('lets the higher one say whether somebody is a member', () => {
    const low = membership({ name: 'low', members: [member(contractor)] });
    const high = membership({ name: 'high', priority: 5, members: [member(contractor, 'absent')] });
    const result = plan({
      desired: { computers: [getsIn], memberships: [low, high] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
    });
    expect(result.changes.map(({ kind, policy }) => `${kind} ${policy}`)).toEqual(['group.remove high']);
  });

  it('takes one principal by name and by SID for one', () => {
    const low = membership({ name: 'low', members: [member('CORP\\contractor-x', 'absent')] });
    const high = membership({ name: 'high', priority: 5, members: [member(contractor)] });
    const seen = [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }];
    expect(plan({ desired: { memberships: [low, high] }, seen }).changes).toEqual([]);
  });
});

describe('names', () => {
  const named = (access: 'persistent' | 'absent' | 'jita' = 'persistent') => ({
    computers: [getsIn],
    memberships: [membership({ members: [member('corp\\HELPDESK-7', access)] })],
  });

  it('#150 resolve from any inventory, without case', () => {
    const result = plan({
      desired: named(),
      seen: [{ id: '1' }, { id: '2', state: inventory({ admins: [domainAdmins, helpdesk] }) }],
    });
    expect(result.actions.map(({ operations }) => operations)).toEqual([
      [{ kind: 'group.add', group: ADMINISTRATORS, members: [{ sid: helpdesk }] }],
    ]);
  });

  it("#150 resolve from the provider's principals", () => {
    const result = plan({
      desired: named(),
      provider: provider({ principals: new Map([['CORP\\helpdesk-7', helpdesk]]) }),
      seen: [{ id: '1' }],
    });
    expect(lines(result.changes)).toEqual(['group.add corp\\HELPDESK-7']);
  });

  it('#150 that nobody knows are an error with file and line', () => {
    expect(() => plan({ desired: named(), seen: [{ id: '1' }] })).toThrow(
      expect.objectContaining({ code: 'TRUEUP_NAME_UNRESOLVED', source: 'administrators.yaml:7' }),
    );
  });

  it('of two SIDs are an error', () => {
    expect(() =>
      plan({
        desired: named('absent'),
        provider: provider({ principals: new Map([['CORP\\Helpdesk-7', contractor]]) }),
        seen: [{ id: '1', state: inventory({ admins: [domainAdmins, helpdesk] }) }],
      }),
    ).toThrow(expect.objectContaining({ code: 'TRUEUP_NAME_AMBIGUOUS' }));
  });

  it('that no device needs are no error', () => {
    const desired = {
      ...named(),
      memberships: [{ ...named().memberships[0]!, selector: { name: [pattern('OTHER-*')] } }],
    };
    expect(() => plan({ desired, seen: [{ id: '1' }] })).not.toThrow();
  });

  it('of the absent are no error once nobody has them any more, and are said', () => {
    const result = plan({ desired: named('absent'), seen: [{ id: '1' }] });
    expect(result.changes).toEqual([]);
    expect(result.warnings).toEqual(['corp\\HELPDESK-7 is declared absent, and no inventory shows the name.']);
  });
});

describe('local accounts as members', () => {
  const desired = {
    computers: [getsIn],
    memberships: [membership({ members: [member('corp_breakglass')] })],
  };

  it('are one change and one action, whatever their RID', () => {
    const result = plan({
      desired,
      seen: [{ id: '1' }, { id: '2', state: inventory({ users: [user(1044, 'Corp_Breakglass')] }) }],
    });
    expect(result.changes.map(({ devices }) => devices)).toEqual([['SRV-1', 'SRV-2']]);
  });

  it('that are not there and that nobody declares are held, not tried', () => {
    const result = plan({ desired, seen: [{ id: '1', state: inventory({ users: [] }) }] });
    expect(heldLines(result)).toEqual(['not-ready group.add corp_breakglass']);
    expect(result.held[0]?.message).toContain('no local account corp_breakglass');
    expect(result.actions).toEqual([]);
  });

  it('are added in the sequence that creates them', () => {
    const result = plan({
      desired: { ...desired, accounts: [account({ enabled: true, properties: { PasswordNeverExpires: true } })] },
      seen: [{ id: '1', state: inventory({ users: [] }) }],
    });
    expect(lines(result.changes)).toEqual(['account.create corp_breakglass', 'group.add corp_breakglass']);
    expect(result.actions.map(({ operations }) => operations.map(({ kind }) => kind))).toEqual([
      ['account.create', 'account.enable', 'account.set', 'group.add'],
    ]);
  });

  it('with a name like a SID cannot pass for a domain principal', () => {
    const result = plan({
      desired: { computers: [getsIn], memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })] },
      seen: [{ id: '1', state: inventory({ users: [user(1001, 'S-1-5-32-545')], admins: [domainAdmins, local] }) }],
    });
    expect(result.changes.map(({ subject }) => subject['member'])).toEqual(['.\\s-1-5-32-545']);
    expect(result.actions[0]?.operations).toEqual([
      { kind: 'group.remove', group: ADMINISTRATORS, members: [{ localName: 'S-1-5-32-545' }] },
    ]);
  });
});

it('a device of which nobody declares anything is left alone', () => {
  const { plan: result, findings } = look({
    desired: { memberships: [membership({ selector: { name: [pattern('OTHER-*')] }, mode: 'exact' })] },
    seen: [{ id: '1', state: inventory({ admins: [contractor] }) }],
  });
  expect(result.changes).toEqual([]);
  expect(result.held).toEqual([]);
  expect(findings.devices).toEqual([]);
  expect(result.scan.selected).toBe(0);
});

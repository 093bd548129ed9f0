import { describe, expect, it } from 'vitest';
import { localSid } from '../../src/model/sid.ts';
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
  member,
  membership,
  pattern,
  plan,
  recovery,
  user,
} from './world.ts';

const local = localSid(1001);

function managed(...listed: string[]) {
  return computers({ protect: 'JITA', recovery: recovery(...listed) });
}

const nobody = membership({ mode: 'exact' });

describe('the last usable administrator', () => {
  it('F16 is not removed, and whoever is not usable still goes', () => {
    const result = plan({
      desired: { computers: [managed(domainAdmins)], memberships: [nobody] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
    });
    expect(heldLines(result)).toEqual(['last-admin group.remove CORP\\Domain Admins']);
    expect(lines(result.changes)).toEqual(['group.remove CORP\\contractor-x']);
    expect(result.held[0]).toMatchObject({ message: 'would leave no usable administrator' });
  });

  it.each([
    ['disabled', account({ enabled: false }), 'account.disable'],
    ['deleted', account({ ensure: 'absent' }), 'account.delete'],
  ])('is not %s', (_, policy, kind) => {
    const result = plan({
      desired: { computers: [managed('corp_breakglass')], accounts: [policy] },
      seen: [{ id: '1', state: inventory({ admins: [local] }) }],
    });
    expect(heldLines(result)).toEqual([`last-admin ${kind} corp_breakglass`]);
  });

  it('is not removed by two stages together, of which each alone would leave one', () => {
    const result = plan({
      desired: {
        computers: [managed('corp_breakglass', domainAdmins)],
        memberships: [membership({ members: [member(domainAdmins, 'absent')] })],
        accounts: [account({ enabled: false })],
      },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, local] }) }],
    });
    expect(lines(result.changes)).toEqual(['group.remove CORP\\Domain Admins']);
    expect(heldLines(result)).toEqual(['last-admin account.disable corp_breakglass']);
  });

  it('may go once another has come in, since additions come first', () => {
    const result = plan({
      desired: {
        computers: [managed('corp_breakglass', domainAdmins)],
        memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
      },
      seen: [{ id: '1', state: inventory({ admins: [local] }) }],
    });
    expect(result.held).toEqual([]);
    expect(result.actions[0]?.stages).toEqual(['add', 'remove']);
  });

  it('is not an account that the same plan creates: nobody knows its password', () => {
    const result = plan({
      desired: {
        computers: [managed('corp_breakglass', domainAdmins)],
        accounts: [account({ enabled: true })],
        memberships: [membership({ mode: 'exact', members: [member('corp_breakglass')] })],
      },
      seen: [{ id: '1', state: inventory({ users: [], admins: [domainAdmins] }) }],
    });
    expect(lines(result.changes)).toEqual(['account.create corp_breakglass', 'group.add corp_breakglass']);
    expect(heldLines(result)).toEqual(['last-admin group.remove CORP\\Domain Admins']);
  });

  it.each([
    ['locked', { locked: true }],
    ['expired', { expires: '2026-03-02' }],
    ['disabled', { enabled: false }],
  ])('is not one that is %s', (_, parts) => {
    const result = plan({
      desired: {
        computers: [managed('corp_breakglass', domainAdmins)],
        memberships: [membership({ members: [member(domainAdmins, 'absent')] })],
      },
      seen: [{ id: '1', state: inventory({ users: [{ ...breakglass, ...parts }], admins: [domainAdmins, local] }) }],
    });
    expect(heldLines(result)).toEqual(['last-admin group.remove CORP\\Domain Admins']);
  });

  it('is one whose expiry lies ahead, whose lock the plan opens, or whom LAPS manages', () => {
    const removal = membership({ members: [member(domainAdmins, 'absent')] });
    const ahead = inventory({ users: [{ ...breakglass, expires: '2026-03-03' }], admins: [domainAdmins, local] });
    const locked = inventory({ users: [{ ...breakglass, locked: true }], admins: [domainAdmins, local] });
    const laps = inventory({
      users: [user(1002, 'lapsadmin')],
      admins: [domainAdmins, localSid(1002)],
      laps: { mode: 'entra', rid: 1002 },
    });
    for (const [listed, state] of [
      ['corp_breakglass', ahead],
      ['corp_breakglass', locked],
      [helpdesk, laps],
    ] as const) {
      const result = plan({
        desired: {
          computers: [managed(listed, domainAdmins)],
          accounts: [account({ unlocked: true, selector: { exclude: listed === helpdesk ? [{}] : [] } })],
          memberships: [removal],
        },
        seen: [{ id: '1', state }],
      });
      expect(result.held).toEqual([]);
    }
  });

  it('stays one under a new name', () => {
    const result = plan({
      desired: { computers: [managed('corp_breakglass')], accounts: [account({ renameTo: 'root2' })] },
      seen: [{ id: '1', state: inventory({ admins: [local] }) }],
    });
    expect(lines(result.changes)).toEqual(['account.rename corp_breakglass']);
  });

  it('is judged in the group Administrators alone', () => {
    const group = 'S-1-5-32-555';
    const result = plan({
      desired: { computers: [managed(domainAdmins)], memberships: [membership({ group, mode: 'exact' })] },
      seen: [{ id: '1', state: inventory({ groups: { [group]: [domainAdmins] } }) }],
    });
    expect(lines(result.changes)).toEqual(['group.remove CORP\\Domain Admins']);
  });
});

describe('a device without a usable administrator', () => {
  it('keeps its last enabled local one', () => {
    const result = plan({
      desired: { computers: [managed()], memberships: [nobody] },
      seen: [
        {
          id: '1',
          state: inventory({ users: [breakglass, user(1002, 'temp')], admins: [local, localSid(1002), contractor] }),
        },
      ],
    });
    expect(heldLines(result)).toEqual(['last-admin group.remove corp_breakglass', 'last-admin group.remove temp']);
    expect(lines(result.changes)).toEqual(['group.remove CORP\\contractor-x']);
  });

  it('loses one of two enabled ones', () => {
    const result = plan({
      desired: { computers: [managed()], memberships: [membership({ mode: 'exact', members: [member('temp')] })] },
      seen: [
        { id: '1', state: inventory({ users: [breakglass, user(1002, 'temp')], admins: [local, localSid(1002)] }) },
      ],
    });
    expect(lines(result.changes)).toEqual(['group.remove corp_breakglass']);
  });

  it('keeps its last member from elsewhere where it has no enabled one', () => {
    const result = plan({
      desired: { computers: [managed()], memberships: [nobody] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins] }) }],
    });
    expect(heldLines(result)).toEqual(['last-admin group.remove CORP\\Domain Admins']);
  });
});

it('recovery is a field like others: the highest priority decides, and a name must be known', () => {
  const world = (listed: string) => ({
    desired: {
      computers: [managed(helpdesk), computers({ name: 'servers', priority: 3, recovery: recovery(listed) })],
      memberships: [membership({ mode: 'exact', members: [member(domainAdmins)], keep: [pattern('nobody')] })],
    },
    seen: [{ id: '1', state: inventory({ admins: [domainAdmins, helpdesk] }) }],
  });
  expect(lines(plan(world('CORP\\Domain Admins')).changes)).toEqual(['group.remove CORP\\helpdesk-7']);
  expect(() => plan(world('CORP\\Nobody'))).toThrow(expect.objectContaining({ code: 'TRUEUP_NAME_UNRESOLVED' }));
});

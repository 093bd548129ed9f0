import { describe, expect, it } from 'vitest';
import {
  account,
  administrator,
  computers,
  domainAdmins,
  heldLines,
  inventory,
  lines,
  look,
  member,
  membership,
  plan,
  recovery,
  user,
} from './world.ts';

const managed = computers({ protect: 'JITA', recovery: recovery(domainAdmins) });

function planned(accounts: Parameters<typeof account>[0][], state = inventory(), more = {}) {
  return plan({
    desired: { computers: [managed], accounts: accounts.map(account), ...more },
    seen: [{ id: '1', state }],
  });
}

function operations(result: ReturnType<typeof plan>) {
  return result.actions.flatMap((action) => action.operations);
}

describe('a declared account', () => {
  it('#4 that is missing is created with all that is declared of it, in one change and one action', () => {
    const properties = {
      FullName: 'Break-glass',
      Description: 'Managed',
      PasswordNeverExpires: true,
      PasswordNotRequired: false,
    };
    const result = planned([{ enabled: true, properties }], inventory({ users: [] }));
    expect(result.changes).toMatchObject([
      {
        kind: 'account.create',
        subject: { account: 'corp_breakglass' },
        from: null,
        to: { enabled: true, ...properties },
      },
    ]);
    expect(operations(result)).toEqual([
      { kind: 'account.create', name: 'corp_breakglass', fullName: 'Break-glass', description: 'Managed' },
      { kind: 'account.enable', account: { name: 'corp_breakglass' } },
      { kind: 'account.set', account: { name: 'corp_breakglass' }, property: 'PasswordNeverExpires', value: true },
    ]);
    expect(result.summary).toMatchObject({ create: 1, change: 0 });
  });

  it('#5 is changed property by property, from what it has to what is declared', () => {
    const state = inventory({ users: [user(1001, 'corp_breakglass', { description: 'x', flags: ['nc'] })] });
    const result = planned(
      [
        {
          properties: {
            Description: 'Managed',
            FullName: '',
            PasswordNeverExpires: true,
            UserCannotChangePassword: false,
          },
        },
      ],
      state,
    );
    expect(result.changes.map(({ kind, subject, from, to }) => [kind, subject['property'], from, to])).toEqual([
      ['account.set', 'Description', 'x', 'Managed'],
      ['account.set', 'PasswordNeverExpires', false, true],
      ['account.set', 'UserCannotChangePassword', true, false],
    ]);
    expect(result.actions).toHaveLength(1);
  });

  it('#6 that is to be absent is deleted where it is there', () => {
    expect(lines(planned([{ ensure: 'absent' }]).changes)).toEqual(['account.delete corp_breakglass']);
    expect(planned([{ ensure: 'absent' }], inventory({ users: [] })).changes).toEqual([]);
  });

  it('#9 is enabled, disabled and unlocked', () => {
    const off = inventory({ users: [user(1001, 'corp_breakglass', { enabled: false, locked: true })] });
    expect(lines(planned([{ enabled: true, unlocked: true }], off).changes)).toEqual([
      'account.enable corp_breakglass',
      'account.unlock corp_breakglass',
    ]);
    expect(lines(planned([{ enabled: false }]).changes)).toEqual(['account.disable corp_breakglass']);
    expect(planned([{ enabled: true, unlocked: true }]).changes).toEqual([]);
  });

  it('is found whatever the case of its name, and nothing else is touched', () => {
    expect(planned([{ account: { name: 'CORP_Breakglass' }, enabled: true }]).changes).toEqual([]);
  });

  it('merges per field: each change is of the policy that decided it', () => {
    const result = planned([
      { name: 'base', enabled: true, properties: { Description: 'base', FullName: 'base' } },
      { name: 'special', priority: 5, properties: { Description: 'special' } },
    ]);
    expect(result.changes.map(({ policy, subject }) => `${policy} ${subject['property']}`)).toEqual([
      'base FullName',
      'special Description',
    ]);
  });
});

describe('the built-in Administrator', () => {
  it('is found by RID 500 whatever it is called, and addressed by it', () => {
    const state = inventory({ users: [{ ...administrator, name: 'root', enabled: true }] });
    const result = planned(
      [{ account: { builtin: 'administrator' }, enabled: false, properties: { Description: 'd' } }],
      state,
    );
    expect(result.changes.map(({ subject }) => subject['account'])).toEqual([
      'built-in Administrator',
      'built-in Administrator',
    ]);
    expect(operations(result)).toEqual([
      { kind: 'account.set', account: { rid: 500 }, property: 'Description', value: 'd' },
      { kind: 'account.disable', account: { rid: 500 } },
    ]);
  });

  it('declared by name as well is changed once', () => {
    const result = planned([
      { account: { builtin: 'administrator' }, name: 'builtin', enabled: true },
      { account: { name: 'administrator' }, name: 'named', enabled: true },
    ]);
    expect(result.changes.map(({ policy }) => policy)).toEqual(['builtin']);
  });
});

describe('renaming', () => {
  const renames = { account: { name: 'oldadmin' }, renameTo: 'corp_admin', enabled: false };

  it('C31 is a rename of the same account, which later operations address by RID', () => {
    const state = inventory({ users: [user(1005, 'OldAdmin')] });
    const members = [member('corp_admin')];
    const result = planned([renames], state, { memberships: [membership({ members })] });
    expect(result.changes.map(({ kind, from, to }) => [kind, from, to])).toContainEqual([
      'account.rename',
      'OldAdmin',
      'corp_admin',
    ]);
    expect(operations(result)).toMatchObject([
      { kind: 'account.rename', account: { rid: 1005 }, to: 'corp_admin' },
      { kind: 'group.add', members: [{ sid: '~-1005' }] },
      { kind: 'account.disable', account: { rid: 1005 } },
    ]);
  });

  it('is done once: afterwards the account goes by the new name', () => {
    const state = inventory({ users: [user(1005, 'corp_admin', { enabled: false })] });
    expect(planned([renames], state).changes).toEqual([]);
  });

  it('creates a missing account under its new name', () => {
    const made = planned([renames], inventory({ users: [] }));
    expect(operations(made)[0]).toMatchObject({ name: 'corp_admin' });
    expect(made.changes).toMatchObject([
      { subject: { account: 'oldadmin' }, to: { name: 'corp_admin', enabled: false } },
    ]);
  });

  it('is held where another account has the name already', () => {
    const state = inventory({ users: [user(1005, 'oldadmin', { enabled: false }), user(1006, 'corp_admin')] });
    const result = planned([renames], state, { memberships: [membership({ members: [member('corp_admin')] })] });
    expect(heldLines(result)).toEqual(['not-ready account.rename oldadmin']);
    expect(operations(result)).toMatchObject([{ kind: 'group.add', members: [{ localName: 'corp_admin' }] }]);
  });
});

it('devices whose accounts have other RIDs share one action', () => {
  const { plan: result } = look({
    desired: { computers: [managed], accounts: [account({ enabled: false })] },
    seen: [{ id: '1' }, { id: '2', state: inventory({ users: [user(1077, 'corp_breakglass')] }) }],
  });
  expect(result.actions).toMatchObject([{ targets: ['1', '2'], devices: ['SRV-1', 'SRV-2'] }]);
  expect(result.bounds).toEqual({ actions: 1, lowerBound: 1, optimal: true });
});

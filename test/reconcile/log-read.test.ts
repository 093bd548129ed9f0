/** What the actions of a plan read before they change anything. */
import { describe, expect, it } from 'vitest';
import { encodedLength } from '../../src/endpoint/encode.ts';
import type { ComputerPolicy } from '../../src/model/desired.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Recorded } from '../../src/model/recorded.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  helpdesk,
  inventory,
  look,
  member,
  membership,
  pattern,
  plan,
  recovery,
  user,
  type World,
} from './world.ts';

const clean = inventory({
  admins: [domainAdmins],
  users: [user(500, 'Administrator', { enabled: false }), breakglass],
});
const visited = inventory({ admins: [domainAdmins, contractor], users: clean.users });
const disabled = inventory({
  admins: [domainAdmins],
  users: [...clean.users.slice(0, 1), { ...breakglass, enabled: false }],
});
const both = inventory({ admins: [domainAdmins, contractor], users: disabled.users });

function declared(parts: Partial<ComputerPolicy>): NonNullable<World['desired']> {
  return {
    computers: [computers({ protect: 'JITA', recovery: recovery(domainAdmins), ...parts })],
    memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
    accounts: [account({ account: { name: 'corp_breakglass' }, enabled: true })],
  };
}

/** Devices that were all as declared, and are in these states now. */
function drifted(
  states: readonly Inventory[],
  policy: Partial<ComputerPolicy>,
  more: Partial<Recorded> = {},
  others: readonly ComputerPolicy[] = [],
): Plan {
  const declaring = declared(policy);
  const desired = { ...declaring, computers: [...(declaring.computers ?? []), ...others] };
  const { findings } = look({ desired, seen: [{ id: '1', state: clean }] });
  const applied = new Map([['k', findings.applied.get(findings.devices[0]?.appliedKey ?? '') ?? {}]]);
  const seen = states.map((state, index) => ({ id: String(index + 1), state }));
  const records = seen.map(({ id }) => computer(id, { appliedSignature: 'k' }));
  return plan({ desired, seen, recorded: { computers: records, applied, ...more } });
}

describe('an action that mends a drift', () => {
  it('reads nothing unless a policy asks', () => {
    for (const policy of [{}, { attribution: false }]) {
      const { actions, changes } = drifted([visited, both], policy);
      expect(changes.map(({ reason }) => reason)).not.toContain('never-applied');
      for (const action of actions) expect(action).not.toHaveProperty('attribution');
      for (const change of changes) expect(change).not.toHaveProperty('actors');
    }
  });

  it('reads nothing for what has never been applied', () => {
    const { actions } = plan({ desired: declared({ attribution: true }), seen: [{ id: '1', state: both }] });
    expect(actions).toHaveLength(1);
    expect(actions[0]).not.toHaveProperty('attribution');
  });

  it('reads of the only group that is concerned, else of all, and stays one action', () => {
    expect(drifted([visited, visited], { attribution: true }).actions).toMatchObject([
      { attribution: { group: ADMINISTRATORS }, targets: ['1', '2'] },
    ]);
    expect(drifted([disabled], { attribution: true }).actions).toMatchObject([{ attribution: {} }]);
    expect(drifted([disabled], { attribution: true }).actions[0]?.attribution).toEqual({});
    expect(drifted([both], { attribution: true }).actions[0]?.attribution).toEqual({});
  });

  it('is neither more nor another action for it: the plans differ in the read alone', () => {
    const states = [visited, disabled, both, clean, visited, both];
    const asked = drifted(states, { attribution: true });
    const silent = drifted(states, { attribution: false });
    const without = asked.actions.map(({ attribution: _read, ...action }) => action);
    expect(without).toEqual(silent.actions);
    expect(asked.bounds).toEqual(silent.bounds);
  });

  it('asks each device by its first action, and an action that is the first of none asks none', () => {
    const { actions } = drifted([visited, disabled, both], { attribution: true });
    const seen = new Set<string>();
    for (const { attribution, targets } of actions) {
      expect(attribution !== undefined).toBe(targets.some((id) => !seen.has(id)));
      for (const id of targets) seen.add(id);
    }
    expect([...seen].toSorted()).toEqual(['1', '2', '3']);
  });

  it('says whose policy asks, where an action is shared with devices whose policy does not', () => {
    const selector = { name: [pattern('SRV-2')] };
    const silent = computers({ name: 'silent', selector, priority: 5, attribution: false });
    const { actions } = drifted([visited, visited, visited], { attribution: true }, {}, [silent]);
    expect(actions).toMatchObject([{ targets: ['1', '2', '3'], attribution: { asking: ['1', '3'] } }]);
  });

  it('has room for the read in every part of a long sequence', () => {
    const strangers = Array.from({ length: 300 }, (_, index) => ({
      sid: `${helpdesk}${String(index).padStart(4, '0')}`,
      kind: 'u' as const,
      name: `CORP\\stranger-${index}`,
    }));
    const groups = clean.groups.map((group) => ({ ...group, members: [...group.members, ...strangers] }));
    const crowded = { ...clean, groups };
    const { actions } = drifted([crowded], { attribution: true });
    expect(actions.length).toBeGreaterThan(1);
    for (const { operations } of actions)
      expect(encodedLength(operations, { group: ADMINISTRATORS })).toBeLessThan(7992);
  });
});

describe('a plan', () => {
  it('tells who is recorded to have made a difference, counted over its devices', () => {
    const key = `group.remove group=${ADMINISTRATORS} member=${contractor}`;
    const actors = new Map([
      ['1', new Map([[key, 'CORP\\helpdesk-7']])],
      ['3', new Map([[key, 'CORP\\helpdesk-7']])],
      ['4', new Map([[key, 'CORP\\ops']])],
    ]);
    const { changes } = drifted([visited, visited, visited, visited], {}, { actors });
    expect(changes.find(({ kind }) => kind === 'group.remove')?.actors).toEqual([
      { actor: 'CORP\\helpdesk-7', devices: 2 },
      { actor: 'CORP\\ops', devices: 1 },
      { actor: null, devices: 1 },
    ]);
  });

  it('says unattributed where a policy asks and nothing is recorded yet', () => {
    const { changes } = drifted([visited, visited], { attribution: true });
    expect(changes.find(({ kind }) => kind === 'group.remove')?.actors).toEqual([{ actor: null, devices: 2 }]);
  });
});

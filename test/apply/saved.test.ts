import { describe, expect, it } from 'vitest';
import { planFrom } from '../../src/apply/plan-file.ts';
import { revive } from '../../src/apply/saved.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planJson } from '../../src/render/plan-json.ts';
import {
  account,
  breakglass,
  contractor,
  domainAdmins,
  inventory,
  member,
  membership,
  plan,
  type Seen,
} from '../reconcile/world.ts';

const disabled = inventory({ users: [{ ...breakglass, enabled: false }] });
const intruded = inventory({ users: [{ ...breakglass, enabled: false }], admins: [domainAdmins, contractor] });
const good = inventory();

function seeing(...states: [id: string, state: Seen['state']][]): Plan {
  const devices = states.map(([id, state]) => (state === undefined ? null : { id, state }));
  return plan({
    desired: {
      accounts: [account({ enabled: true })],
      memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
    },
    seen: devices.filter((device) => device !== null),
  });
}

const saved = seeing(['1', disabled], ['2', disabled]);

function differences(now: Plan): string {
  try {
    revive(saved, now);
    return 'none';
  } catch (error) {
    expect(error).toMatchObject({ code: 'TRUEUP_PLAN_STALE', exitCode: 5 });
    return (error as Error).message;
  }
}

describe('a saved plan', () => {
  it('is carried out as it was reviewed while nothing of it has changed', () => {
    expect(saved.actions.map((action) => action.devices)).toEqual([['SRV-1', 'SRV-2']]);
    expect(revive(saved, seeing(['1', disabled], ['2', disabled]))).toEqual(saved);
  });

  it('is the same plan after it was a file', () => {
    const properties = { FullName: 'Break-glass', Description: 'last resort', PasswordNeverExpires: true } as const;
    const made = plan({
      desired: { accounts: [account({ name: 'new', account: { name: 'new' }, properties })] },
      seen: [{ id: '1' }],
    });
    expect(made.changes.map(({ kind }) => kind)).toEqual(['account.create']);
    expect(revive(planFrom(planJson(made)), made)).toEqual(made);
  });

  it('does not mind news of a device that is not in it', () => {
    expect(differences(seeing(['1', disabled], ['2', disabled], ['3', intruded]))).toBe('none');
  });

  it('is stale when a change of it is done already', () => {
    expect(differences(seeing(['1', disabled], ['2', good]))).toContain(
      'SRV-2: account.enable account=corp_breakglass is no longer to be done',
    );
  });

  it('is stale when one of its devices needs something more', () => {
    expect(differences(seeing(['1', disabled], ['2', intruded]))).toMatch(/SRV-2: group\.remove .* is new/);
  });

  it('says what differs of the first five, and how much more there is', () => {
    const ids = ['1', '2', '3', '4', '5', '6', '7'];
    const before = seeing(...ids.map((id): [string, Seen['state']] => [id, disabled]));
    const now = seeing(...ids.map((id): [string, Seen['state']] => [id, intruded]));
    expect(() => revive(before, now)).toThrow(/SRV-5: group\.remove [^;]* is new; and 2 more\./);
  });
});

import { describe, expect, it } from 'vitest';
import { planFrom } from '../../src/apply/plan-file.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { account, contractor, domainAdmins, inventory, member, membership, plan } from '../reconcile/world.ts';

const made = plan({
  desired: {
    accounts: [account({ enabled: true, properties: { Description: 'Größe “x”' } })],
    memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
  },
  seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }, { id: '2' }],
});

describe('a plan file', () => {
  it('reads back as the plan that was written', () => {
    expect(made.changes.length).toBeGreaterThan(1);
    expect(planFrom(planJson(made))).toEqual(made);
  });

  it('is of the state and not of the moment: another scan time gives the same digest', () => {
    const later = { ...made, scan: { ...made.scan, at: '2030-01-01T00:00Z', ageSeconds: 77 } };
    expect(planFrom(planJson(later)).digest).toBe(made.digest);
  });

  it.each([
    ['no JSON', 'plan 7f3c9a1e', 'not JSON'],
    ['cut off', planJson(made).slice(0, -20), 'not JSON'],
    ['another version', '{"version": 2}', 'of version 2'],
    ['something else', '{"hello": 1}', 'must'],
    ['null', 'null', 'must be object'],
    ['more targets than were reviewed', planJson(made).replaceAll('"targets": [', '"targets": ["666",'), 'own digest'],
    ['another member', planJson(made).replaceAll(contractor, `${contractor}9`), 'own digest'],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => planFrom(text)).toThrow(expect.objectContaining({ code: 'TRUEUP_PLAN_INVALID' }));
    expect(() => planFrom(text)).toThrow(message);
  });
});

/** The file of `plan --out`: read back as it was written by whoever may write it, or not at all. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, type PlanFileDemands, planFileText, planFrom } from '../../src/apply/plan-file.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { account, contractor, domainAdmins, inventory, member, membership, plan } from '../reconcile/world.ts';

const made = plan({
  desired: {
    accounts: [account({ enabled: true, properties: { Description: 'Größe “x”' } })],
    memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
  },
  seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }, { id: '2' }],
});

const madeAt = '2026-03-02T09:20:00.000Z';
const file = planFileText({ plan: made, madeAt, by: 'ada@build-1' }, null);
const reviewer = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

function read(text: string, demands: Partial<PlanFileDemands> = {}): Plan {
  return planFrom(text, { verifyKey: null, maxAgeSeconds: null, now: '2026-03-02T09:25:00Z', ...demands });
}

describe('a plan file', () => {
  it('reads back as the plan that was written', () => {
    expect(made.changes.length).toBeGreaterThan(1);
    expect(read(file)).toEqual(made);
  });

  it.each([
    ['no JSON', 'plan 7f3c9a1e', 'not JSON'],
    ['cut off', file.slice(0, -20), 'not JSON'],
    ['another version', '{"version": 2}', 'of version 2'],
    ['something else', '{"hello": 1}', 'not a plan file'],
    ['null', 'null', 'not a plan file'],
    ['what plan --json prints', planJson(made), 'what `plan --json` prints'],
    ['more targets than were reviewed', file.replaceAll('"targets": [', '"targets": ["666",'), 'own checksum'],
    ['another member', file.replaceAll(contractor, `${contractor}9`), 'own checksum'],
    ['a younger one than it is', file.replace(madeAt, '2026-03-02T10:20:00.000Z'), 'own checksum'],
    [
      'another change in place of its own',
      file.replace('"kind": "group.remove"', '"kind": "format.disk"'),
      "The plan's",
    ],
  ])('is refused when it is %s', (_, text, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'TRUEUP_PLAN_INVALID' }));
    expect(() => read(text)).toThrow(message);
  });

  it('is refused when it is older than asked for, to the second, and when it is of a time to come', () => {
    const at = (now: string): Plan => read(file, { maxAgeSeconds: 1800, now });
    expect(at('2026-03-02T09:50:00Z')).toEqual(made);
    const stale = expect.objectContaining({ code: 'TRUEUP_PLAN_STALE', exitCode: 5 });
    expect(() => at('2026-03-02T09:50:01Z')).toThrow(stale);
    expect(() => at('2026-03-02T09:50:01Z')).toThrow('1801 seconds old, and --max-age allows 1800');
    expect(() => at('2026-03-02T09:10:00Z')).toThrow('yet to come');
  });
});

describe('a signed plan file', () => {
  const signed = planFileText({ plan: made, madeAt, by: 'ada@build-1' }, reviewer.privateKey);

  it('is believed by the key that signed it, and by whoever asks for no key', () => {
    expect(read(signed, { verifyKey: reviewer.publicKey })).toEqual(made);
    expect(read(signed)).toEqual(made);
  });

  it.each([
    ['nobody signed', file, 'not signed'],
    [
      'somebody else signed',
      planFileText({ plan: made, madeAt, by: 'eve@x' }, stranger.privateKey),
      'is signed by the key',
    ],
    ['was signed before it was changed, checksum and all', forged(signed), 'not one of the key'],
  ])('is refused when %s', (_, text, message) => {
    const demand = (): Plan => read(text, { verifyKey: reviewer.publicKey });
    expect(demand).toThrow(expect.objectContaining({ code: 'TRUEUP_PLAN_INVALID' }));
    expect(demand).toThrow(message);
  });

  it('names a key by a fingerprint, which is no secret', () => {
    expect(signed).toContain(fingerprintOf(reviewer.publicKey));
    expect(signed).not.toContain('PRIVATE');
  });
});

/** With the signature of the first and everything else of a file that says something different. */
function forged(signed: string): string {
  const other = JSON.parse(planFileText({ plan: made, madeAt, by: 'eve@x' }, null));
  return JSON.stringify({ ...other, signature: JSON.parse(signed).signature });
}

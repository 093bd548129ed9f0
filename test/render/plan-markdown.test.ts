import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { planMarkdown } from '../../src/render/plan-markdown.ts';
import { expectGolden } from '../golden.ts';
import { computers, plan } from '../reconcile/world.ts';
import { anyPlan } from './any-plan.ts';
import { crowd } from './crowd.ts';
import { hostile, hostileNames, planWith } from './hostile.ts';
import {
  driftMix,
  empty,
  endOfOfflineAccess,
  firstRun,
  inWaves,
  notActedOn,
  overBudget,
  providerOff,
} from './plans.ts';
import { rotatedByHand, rotations } from './rotations.ts';

const plans: Readonly<Record<string, () => Plan>> = {
  empty,
  'first-run': firstRun,
  'drift-mix': driftMix,
  'over-budget': overBudget,
  'end-of-offline-access': endOfOfflineAccess,
  'provider-off': providerOff,
  'not-acted-on': notActedOn,
  hostile,
  'in-waves': inWaves,
  rotations,
  'rotated-by-hand': rotatedByHand,
};

/** What GitHub reads as markup: everything outside the code spans, whose content is left out. */
function outsideCode(markdown: string): string {
  return markdown.replace(/`[^`\n]*`/g, '`');
}

function aboveFold(markdown: string): string {
  return markdown.split('<details>')[0] ?? '';
}

describe('golden comments', () => {
  it.each(Object.entries(plans))('%s', (name, make) => {
    expectGolden(`plan-${name}.md`, planMarkdown(make()));
  });
});

describe('the comment', () => {
  it.each(Object.entries(plans))('of equal plans is equal, and never speaks of success (%s)', (_, make) => {
    const text = planMarkdown(make());
    expect(planMarkdown(structuredClone(make()))).toBe(text);
    expect(text).not.toMatch(/success|succeed/i);
  });

  it('spells removals, deletions and disables out above the fold', () => {
    const above = aboveFold(planMarkdown(driftMix()));
    expect(above).toContain('`CORP\\contractor-x` ← Administrators | 2: `SRV-1`, `SRV-2`');
    expect(above).toContain('account `jdoe` | 1: `SRV-4`');
    expect(above).not.toContain('`Description`');
  });

  it('spells out there that a protection is turned off', () => {
    const made = plan({ desired: { computers: [computers({ protect: 'Disabled' })] }, seen: [{ id: '1' }] });
    expect(aboveFold(planMarkdown(made))).toContain('| `protect` `JITA` → `Disabled` | 1: `SRV-1` |');
  });

  it('#116 shows a consequence above the fold', () => {
    expect(aboveFold(planMarkdown(endOfOfflineAccess()))).toMatch(
      /`offlineAccess` `custom` → `Unmanaged` on 2 devices: NPS-D deletes the alternate administrator/,
    );
  });

  it('says at its head that a plan is refused', () => {
    const above = aboveFold(planMarkdown(overBudget()));
    expect(above).toContain('> [!CAUTION]\n> ');
    expect(above).toContain('Refused: nothing is sent.');
  });

  it('says at its head what --only left of it', () => {
    expect(planMarkdown({ ...empty(), only: { device: 'SRV-1#7' } })).toContain(' · only device=`SRV-1#7` · ');
  });

  it('says plainly what nobody acts on yet', () => {
    expect(planMarkdown(notActedOn())).toContain('- AccessGrant `on-call` `on-call.yaml:3`: `spec.from`, `spec.until`');
  });
});

describe('a long plan', () => {
  it('of ten thousand devices still shows whoever is removed above the fold', () => {
    const text = planMarkdown(crowd());
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(aboveFold(text)).toContain('← Administrators');
    expect(text).toMatch(/And [\d,]+ more, on [\d,]+ devices:\n`account.set` [\d,]+/);
    expect(text).toContain('> Shortened to fit into a comment, without device names, and the changes that are only');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
  });

  it('is not called shortened where nothing is left out', () => {
    for (const make of Object.values(plans)) expect(planMarkdown(make())).not.toContain('Shortened');
  });

  it('counts by guard what is held and not shown', () => {
    const made = driftMix();
    const held = Array.from({ length: 4000 }, (_, index) => {
      const hold = made.held[index % made.held.length];
      if (hold === undefined) throw new Error('nothing is held');
      return { ...hold, message: `${hold.message} (${index})` };
    });
    expect(planMarkdown({ ...made, held })).toMatch(/And [\d,]+ more, on 6 devices:\n`domain-controller` \d+ · /);
  });

  it('gives up device names before it gives up rows', () => {
    const made = firstRun();
    const devices = Array.from({ length: 9000 }, (_, index) => `SRV-${index}.corp.example`);
    const text = planMarkdown({ ...made, changes: made.changes.map((change) => ({ ...change, devices })) });
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain('9,000: `SRV-0.corp.example`, ');
    expect(text).toContain('and 8,980 more');
    for (const change of ['computer record', 'account `corp_breakglass`', 'provider record', 'toggle `tanium_cloud`']) {
      expect(text).toContain(change);
    }
  });

  it('fits whatever it is about: names of 4,096 characters, a thousand rows of every kind', () => {
    const made = driftMix();
    const long = '`|<'.repeat(1365);
    const changes = Array.from({ length: 1000 }, (_, index) => {
      const change = made.changes[index % made.changes.length];
      if (change === undefined) throw new Error('the plan has no change');
      const subject = { ...change.subject, name: `${long}${index}`, account: `${long}${index}` };
      return { ...change, policy: long, subject, from: long, to: long, consequence: long, devices: [long, `${index}`] };
    });
    const held = Array.from({ length: 1000 }, (_, index) => ({
      ...made.held[index % made.held.length]!,
      message: long,
      release: long,
    }));
    const text = planMarkdown({
      ...made,
      provider: long,
      changes,
      held,
      pending: Array.from({ length: 1000 }, () => long),
      notActedOn: changes.map(({ policy, policyKind, source }) => {
        return { kind: policyKind, policy, source: { ...source, file: long }, fields: [long, long] };
      }),
      warnings: Array.from({ length: 1000 }, () => long),
      refusal: { kind: 'budget', message: long, source: null },
    });
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain('Refused: nothing is sent.');
    expect(text).toMatch(/1,000 in all|And [\d,]+ more/);
  });
});

describe('any plan', () => {
  it('fits into a comment, closes what it opens, and lets no name out of its code span', () => {
    fc.assert(
      fc.property(anyPlan(), (made) => {
        const text = planMarkdown(made);
        expect(text.length).toBeLessThanOrEqual(60_000);
        const outside = outsideCode(text);
        expect(outside).not.toMatch(/[@\\]|#\d|https?:|www\.|<(?!\/?(?:details|summary)>)/);
        expect(outside.match(/<details>/g)?.length).toBe(outside.match(/<\/details>/g)?.length);
        for (const line of text.split('\n')) expect(line.replaceAll(/[^`]/g, '').length % 2).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe('hostile names', () => {
  it('stand in code spans, and nothing outside them is theirs', () => {
    const outside = outsideCode(planMarkdown(hostile()));
    expect(outside).not.toMatch(/@|#\d|https?:|www\.|<(?!\/?(?:details|summary)>)|evil|\[x\]/);
    expect(outside.match(/<\/details>/g)).toHaveLength(2);
  });

  it('never break the table, fit, and never fail', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: fc.constantFrom('`', '|', '\\', '<', '>', '@', '#', '[', ']', '(', ')', '\n', ' ', '*', 'a') }),
      fc.constantFrom(...hostileNames),
    );
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 6 }),
        anything.map((name) => `x${name}`),
        anything,
        (members, device, description) => {
          const text = planMarkdown(planWith({ members, device, description }));
          expect(text.length).toBeLessThanOrEqual(60_000);
          for (const line of text.split('\n')) {
            // A bar within a code span would still divide cells, and so there is none.
            if (line.startsWith('| ')) expect([5, 6]).toContain(line.split('|').length - 1);
            expect(line.replaceAll(/[^`]/g, '').length % 2).toBe(0);
          }
          expect(outsideCode(text)).not.toMatch(/[@\\]|<(?!\/?(?:details|summary)>)/);
        },
      ),
      { numRuns: 100 },
    );
  });
});

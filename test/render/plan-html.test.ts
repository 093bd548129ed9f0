import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { driftHtml } from '../../src/render/drift-html.ts';
import { longestPage } from '../../src/render/html-page.ts';
import { planHtml } from '../../src/render/plan-html.ts';
import { expectGolden } from '../golden.ts';
import { anyPlan } from './any-plan.ts';
import { crowd } from './crowd.ts';
import { ledger, longLedger } from './ledger.ts';
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
  rotations,
  'rotated-by-hand': rotatedByHand,
};

/** Tags that stand in the page, with what style and script hold left out. */
function tagsIn(page: string): string[] {
  const markup = page.replace(/<style>.*?<\/style>/s, '').replace(/<script>.*?<\/script>/s, '');
  return [...markup.matchAll(/<\/?[a-z!][^>]*>/gi)].map(([tag]) => tag);
}

function textOf(page: string): string {
  const main = page.replace(/<style>.*?<\/style>/s, '').replace(/<script>.*?<\/script>/s, '');
  return main.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('the page of a plan', () => {
  it('is what a person found right', () => {
    expectGolden('plan-drift-mix.html', planHtml(driftMix()));
    expectGolden('plan-rotated-by-hand.html', planHtml(rotatedByHand()));
    expectGolden('drift.html', driftHtml(ledger));
  });

  it('tells of the waves, and of what waits in them', () => {
    const text = textOf(planHtml(inWaves()));
    expect(text).toMatch(
      /waves: canaries +\(2 devices\) → pilot +\(2 devices\) → 3 devices +\(3 devices held\) → rest/,
    );
    expect(text).toContain('gate 99 % within 20 min');
    expect(text).toContain('Apply with --approve 3');
  });

  it.each(Object.entries(plans))('of equal plans is equal, and never speaks of success (%s)', (_, make) => {
    const page = planHtml(make());
    expect(planHtml(structuredClone(make()))).toBe(page);
    expect(page).not.toMatch(/success|succeed/i);
  });

  it('shows removals, then what is held back with its guard and release, before all other changes', () => {
    const text = textOf(planHtml(driftMix()));
    const inOrder = [
      'Removed, deleted, disabled: 3',
      '- CORP\\contractor-x ← Administrators SRV-1 , SRV-2 drift server-admins server-admins.yaml:4',
      'Held back: 6',
      'protect-disabled SRV-7 add CORP\\helpdesk-7 to Administrators: Protect is Disabled, and only Protect may change',
      'Declare protect: JITA or Deny in a ComputerPolicy server-admins server-admins.yaml:4',
      'Other changes: 5',
      '4 actions for 7 device changes (lower bound 4: optimal), after 2 changes of records',
      'Pending, since an earlier action is not answered yet SRV-8',
    ];
    let at = 0;
    for (const words of inOrder) {
      const found = text.indexOf(words, at);
      expect(found, words).toBeGreaterThan(-1);
      at = found;
    }
  });

  it('says that a plan is refused, and by which line', () => {
    const text = textOf(planHtml(overBudget()));
    expect(text).toContain('Refused: nothing is sent.');
    expect(text).toContain('budget: removals 3 of 2 (over) rollout.yaml:9');
  });

  it('#116 shows a consequence before what is held back and before other changes', () => {
    const text = textOf(planHtml(endOfOfflineAccess()));
    expect(text).toMatch(/With a consequence: 2 .*! NPS-D deletes the alternate administrator/);
  });

  it('leads from each action to its changes', () => {
    const page = planHtml(driftMix());
    const ids = new Set([...page.matchAll(/<tr id="(c\d+)"/g)].map(([, id]) => id));
    const links = [...page.matchAll(/<a href="#(c\d+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) expect(ids).toContain(link);
  });
});

describe('a page', () => {
  it.each([planHtml(driftMix()), driftHtml(ledger)])('needs nothing else, and lets nothing else run', (page) => {
    expect(page).not.toMatch(/(?:src|srcset|action|data)=|@import|url\(|https?:/);
    expect(page.match(/href="[^#]/)).toBeNull();
    const hash = (of: 'script' | 'style'): string => {
      const [, text = ''] = new RegExp(`<${of}>(.*?)</${of}>`, 's').exec(page) ?? [];
      return `${of}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    const [, policy = ''] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/.exec(page) ?? [];
    expect(policy.replaceAll('&#39;', "'").split('; ')).toEqual([
      "default-src 'none'",
      hash('script'),
      hash('style'),
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(tagsIn(page).filter((tag) => / (?:on\w+|style)=/.test(tag))).toEqual([]);
  });

  it('has a light and a dark look, names for its tables, and heads that say of what they are', () => {
    const page = planHtml(driftMix());
    expect(page).toContain('color-scheme: light dark');
    expect(page).toContain('<html lang="en">');
    for (const [, region = ''] of page.matchAll(/<div class="wide"([^>]*)>/g)) {
      expect(region).toMatch(/role="region" tabindex="0" aria-label="[^"]+"/);
    }
    expect(page.match(/<th(?! scope="col")[ >]/)).toBeNull();
    expect(page).toContain('<label for="filter">');
  });

  it('has colours that are told apart at 4.5 to 1 or better, in both looks', () => {
    const style = planHtml(empty());
    const [light, dark] = [1, 2].map((theme) => {
      const colors = [...style.matchAll(/--(\w+): light-dark\((#\w{6}), (#\w{6})\)/g)];
      return new Map(colors.map((match) => [match[1] ?? '', luminance(match[theme + 1] ?? '')]));
    });
    for (const theme of [light, dark]) {
      for (const ink of ['ink', 'faint', 'link', 'add', 'remove', 'change']) {
        for (const ground of ['ground', 'raised']) {
          expect(contrast(theme?.get(ink), theme?.get(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
        }
      }
      expect(contrast(theme?.get('ink'), theme?.get('alarm'))).toBeGreaterThanOrEqual(4.5);
    }
  });
});

/** WCAG 2.2, relative luminance of `#rrggbb`. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a = 0, b = 0): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe('a large plan', () => {
  it('of 100,000 devices makes a page of bounded size, which says what it leaves out', () => {
    const made = crowd();
    const changes = made.changes.map((change) => ({
      ...change,
      devices: change.devices.flatMap((device) => Array.from({ length: 10 }, (_, index) => `${device}-${index}`)),
    }));
    const page = planHtml({ ...made, changes });
    expect(page.length).toBeLessThanOrEqual(longestPage);
    expect(page).toMatch(/Shortened to stay light, without some names of devices/);
    expect(page).toContain('CORP\\user-5000');
  });

  it('counts by kind what it does not list', () => {
    const made = crowd();
    const changes = Array.from({ length: 60_000 }, (_, index) => made.changes[index % made.changes.length]!);
    const page = planHtml({ ...made, changes });
    expect(page.length).toBeLessThanOrEqual(longestPage);
    expect(textOf(page)).toMatch(/Not listed: [\d,]+, on [\d,]+ devices: account\.set [\d,]+/);
  });

  it('of drift too: it shows the open ones first', () => {
    const records = Array.from({ length: 25 }, () => longLedger).flat();
    const page = driftHtml(records);
    expect(page.length).toBeLessThanOrEqual(longestPage);
    expect(textOf(page)).toMatch(/Open: 75,000 [\d,]+ records not shown here: trueup drift --devices shows them all/);
  });
});

describe('any plan', () => {
  it('makes a page of bounded size in which no name becomes markup', () => {
    const ours = new Set(tagsIn(planHtml(driftMix())).map((tag) => tag.replace(/[ >].*/s, '')));
    for (const tag of ['<ul', '<li', '</li', '<details', '</details', '<summary', '</summary', '<a', '</a'])
      ours.add(tag);
    fc.assert(
      fc.property(anyPlan(), (plan) => {
        const page = planHtml(plan);
        expect(page.length).toBeLessThanOrEqual(longestPage);
        for (const tag of tagsIn(page)) expect(ours).toContain(tag.replace(/[ >].*/s, ''));
        expect(page).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u0000-\u0009\u000B-\u001F]/);
      }),
      { numRuns: 10 },
    );
  });
});

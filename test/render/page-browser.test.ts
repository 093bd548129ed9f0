/** The pages of a plan, of the drift ledger, of compliance and of a report in a real browser that has no network. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complianceHtml } from '../../src/render/compliance-html.ts';
import { driftHtml } from '../../src/render/drift-html.ts';
import { planHtml } from '../../src/render/plan-html.ts';
import { executable, obstacles, type Screen, startBrowser } from './browser.ts';
import { hostileReport, mixed } from './compliance-reports.ts';
import { crowd } from './crowd.ts';
import { hostile, hostileNames } from './hostile.ts';
import { drift, ledger } from './ledger.ts';
import { driftMix } from './plans.ts';
import { samples, written } from './reports.ts';

if (executable === null)
  console.warn('skipped: the pages in a browser, as there is no chromium, and no CHROMIUM that names one');

const hostileLedger = hostileNames.map((name, index) =>
  drift(`h${index}`, `SRV-${name}`, { subject: { group: 'S-1-5-32-544', member: `S-1-5-21-9-${index}`, name } }),
);

const pages = [
  ['a plan', () => planHtml(driftMix())],
  ['a plan of hostile names', () => planHtml(hostile())],
  ['the drift ledger', () => driftHtml(ledger)],
  ['a drift ledger of hostile names', () => driftHtml(hostileLedger)],
  ['a compliance report', () => complianceHtml(mixed())],
  ['a compliance report of hostile names', () => complianceHtml(hostileReport())],
  ['a report on administrators', () => written(samples.admins(), 'html')],
] as const;

/** Rows that the filter left, as their text. */
async function visibleRows(page: Page): Promise<string[]> {
  const rows = await page.locator('tbody tr:visible').allTextContents();
  return rows.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

describe.skipIf(executable === null)('the page in a browser', { timeout: 90_000 }, () => {
  let screen: Screen;
  beforeAll(async () => {
    screen = await startBrowser();
  });
  afterAll(() => screen.close());

  describe.each(pages)('%s', (_, text) => {
    it.each(['light', 'dark'] as const)(
      'has no grave obstacle for anybody, %s, and asks nobody for anything',
      async (theme) => {
        const { page, requests, complaints } = await screen.open(await text(), { theme });
        const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        expect(ground).toBe(theme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 28)');
        expect(await obstacles(page)).toEqual([]);
        expect(requests).toEqual([]);
        expect(complaints).toEqual([]);
      },
    );

    it.each([1280, 390])('is as wide as a window of %i pixels, and no wider', async (width) => {
      const { page } = await screen.open(await text(), { width });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    });
  });

  it('shows every row, and its filter only where its script runs', async () => {
    const { page } = await screen.open(planHtml(driftMix()));
    expect(await visibleRows(page)).toHaveLength(17);
    expect(await page.getByRole('searchbox', { name: 'Filter rows' }).isVisible()).toBe(true);
    const silent = await screen.open(planHtml(driftMix()).replace(/<script>.*<\/script>/s, ''));
    expect(await visibleRows(silent.page)).toHaveLength(17);
    expect(await silent.page.locator('form').isVisible()).toBe(false);
  });

  it('filters by every word that is typed, in either case, and counts what is left', async () => {
    const { page } = await screen.open(planHtml(driftMix()));
    await page.keyboard.press('/');
    await page.keyboard.type('srv-5 DRIFT');
    expect(await visibleRows(page)).toEqual([
      expect.stringContaining('mallory ← Administrators'),
      expect.stringContaining('CORP\\Domain Admins → Administrators'),
    ]);
    expect(await page.getByRole('status').textContent()).toBe('2 of 17 rows');
    expect(await page.locator('section[hidden]').count()).toBe(2);
    await page.keyboard.press('Escape');
    expect(await visibleRows(page)).toHaveLength(17);
  });

  it('filters by its address', async () => {
    const { page } = await screen.open(driftHtml(ledger), { fragment: 'filter=srv-1%20HELPDESK-7' });
    expect(await visibleRows(page)).toEqual([expect.stringContaining('SRV-1')]);
    expect(await page.getByRole('status').textContent()).toBe(`1 of ${ledger.length} rows`);
  });

  it('opens a list of devices at those that were looked for', async () => {
    const { page } = await screen.open(planHtml(crowd()), { fragment: 'filter=user-5070%20srv-771' });
    const [row, ...others] = await visibleRows(page);
    expect(others).toEqual([]);
    expect(row).toMatch(/^- CORP\\user-5070 ← Administrators ?\d+ devices ?SRV-771/);
    expect(await page.locator('tr:visible details[open] .names').textContent()).toBe('SRV-771');
  });

  it('takes no name for markup', async () => {
    for (const text of [planHtml(hostile()), driftHtml(hostileLedger), complianceHtml(hostileReport())]) {
      const { page, complaints } = await screen.open(text);
      expect(await page.locator('img, b, iframe, object, embed, link').count()).toBe(0);
      expect(await page.locator('script').count()).toBe(1);
      expect((await visibleRows(page)).join('\n')).toContain('<img src=x onerror=alert(1)> <!--');
      expect(complaints).toEqual([]);
    }
  });

  it('runs no script and takes no style but its own', async () => {
    const broken =
      '<script>document.title = "run"</script><img src="data:," onerror="document.title = \'run\'">' +
      '<style>h1 { content: none }</style><b style="color: red">b</b></main>';
    const text = planHtml(driftMix());
    const { page, complaints } = await screen.open(text.replace('</main>', broken));
    expect(await page.title()).toMatch(/^Trueup plan/);
    expect(await page.locator('form').isVisible()).toBe(true);
    expect(complaints).not.toEqual([]);
    // Without its policy the same page would run it: the browser really looks.
    const without = await screen.open(text.replace(/<meta http-equiv[^>]*>/, '').replace('</main>', broken));
    expect(await without.page.title()).toBe('run');
  });
});

import { describe, expect, it } from 'vitest';
import { planHtml } from '../../src/render/plan-html.ts';
import { chromium, rendered } from './browser.ts';
import { crowd } from './crowd.ts';
import { hostile } from './hostile.ts';
import { driftMix } from './plans.ts';

if (chromium === null)
  console.warn('No chromium, and no CHROMIUM that names one: the pages are not tried in a browser.');

/** Rows that the filter left, as their text. */
function visibleRows(dom: string): string[] {
  const rows = [...dom.matchAll(/<tr( [^>]*)?>(.*?)<\/tr>/gs)].filter(([, , cells = '']) => cells.includes('<td'));
  return rows.filter(([, attributes = '']) => !attributes.includes('hidden')).map(([, , cells = '']) => textOf(cells));
}

function textOf(markup: string): string {
  return markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe.skipIf(chromium === null)('the page in a browser', { timeout: 90_000 }, () => {
  it('shows every row and its filter', async () => {
    const dom = await rendered(planHtml(driftMix()));
    expect(dom).toContain('<form role="search">');
    expect(visibleRows(dom)).toHaveLength(17);
    expect(dom).toContain('<output for="filter" aria-live="polite"></output>');
  });

  it('filters by every word of its address, in either case, and counts what is left', async () => {
    const dom = await rendered(planHtml(driftMix()), 'filter=srv-5%20DRIFT');
    expect(visibleRows(dom)).toEqual([
      expect.stringContaining('mallory ← Administrators SRV-5 drift'),
      expect.stringContaining('CORP\\Domain Admins → Administrators SRV-5 drift'),
    ]);
    expect(dom).toContain('2 of 17 rows');
    expect(dom.match(/<section hidden="">/g)).toHaveLength(2);
  });

  it('opens a list of devices at those that were looked for', async () => {
    const dom = await rendered(planHtml(crowd()), 'filter=user-5070%20srv-771');
    const [row, ...others] = visibleRows(dom);
    expect(others).toEqual([]);
    expect(row).toMatch(/^- CORP\\user-5070 ← Administrators \d+ devices SRV-771 /);
    expect(dom).toMatch(/<details open=""><summary>\d+ devices/);
  });

  it('takes no name for markup', async () => {
    const dom = await rendered(planHtml(hostile()));
    expect(dom.match(/<(?:img|b|iframe|object|embed|link)\b/g)).toBeNull();
    expect(dom.match(/<script/g)).toHaveLength(1);
    expect(visibleRows(dom).join('\n')).toContain('&lt;img src=x onerror=alert(1)&gt; &lt;!--');
  });

  it('runs no script and takes no style but its own', async () => {
    const broken =
      '<script>document.title = "run"</script><img src="data:," onerror="document.title = \'run\'">' +
      '<style>h1 { content: none }</style><b style="color: red">b</b></main>';
    const page = planHtml(driftMix());
    const dom = await rendered(page.replace('</main>', broken));
    expect(dom).toContain('<title>Trueup plan');
    expect(dom).toContain('<form role="search">');
    // Without its policy the same page would run it: the browser really looks.
    const without = await rendered(page.replace(/<meta http-equiv[^>]*>/, '').replace('</main>', broken));
    expect(without).toContain('<title>run</title>');
  });
});

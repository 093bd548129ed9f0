/** A real browser without a window, without a network: what a page is once its own script has run, and how it looks. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Null: this machine has none, or CHROMIUM is set to nothing. */
export const executable: string | null =
  (process.env['CHROMIUM'] ?? places.find((path) => existsSync(path)) ?? '') || null;

export interface Opened {
  readonly page: Page;
  /** Addresses that the browser was asked for, but that of the page itself. */
  readonly requests: readonly string[];
  /** What it said of scripts and styles that it did not take. */
  readonly complaints: readonly string[];
}

export interface Look {
  /** What stands behind `#` in the address. */
  readonly fragment?: string;
  readonly theme?: 'light' | 'dark';
  /** Pixels. */
  readonly width?: number;
}

export interface Screen {
  readonly open: (text: string, look?: Look) => Promise<Opened>;
  readonly close: () => Promise<void>;
}

/** The browser lasts until it is closed; every page has a new profile. */
export async function startBrowser(): Promise<Screen> {
  if (executable === null) throw new Error('there is no browser');
  const folder = mkdtempSync(join(tmpdir(), 'trueup-page-'));
  // Whoever runs tests in a container is root there, and has no user namespaces for the sandbox.
  const browser = await chromium.launch({
    executablePath: executable,
    chromiumSandbox: false,
    args: ['--disable-gpu'],
  });
  let pages = 0;
  return {
    open: (text, look = {}) => {
      pages += 1;
      const file = join(folder, `${pages}.html`);
      writeFileSync(file, text);
      return opened(browser, pathToFileURL(file).href, look);
    },
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function opened(browser: Browser, address: string, look: Look): Promise<Opened> {
  const { fragment = '', theme = 'light', width = 1280 } = look;
  const context = await browser.newContext({ offline: true, colorScheme: theme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) requests.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(fragment === '' ? address : `${address}#${fragment}`);
  return { page, requests, complaints };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Each grave obstacle for people who use the page by keyboard, by ear or with weak eyes, and where it is. */
export async function obstacles(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return grave.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

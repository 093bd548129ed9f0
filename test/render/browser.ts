/** A real browser without a window, which loads a page, runs its script and says what became of it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Null: this machine has none, or CHROMIUM is set to nothing. */
export const chromium: string | null =
  (process.env['CHROMIUM'] ?? places.find((path) => existsSync(path)) ?? '') || null;

/** The page as it is once its script has run; `fragment` is what stands behind `#` in its address. */
export async function rendered(page: string, fragment = ''): Promise<string> {
  if (chromium === null) throw new Error('there is no browser');
  const folder = mkdtempSync(join(tmpdir(), 'trueup-page-'));
  try {
    const file = join(folder, 'page.html');
    writeFileSync(file, page);
    // Whoever runs tests in a container is root there, and has no user namespaces for the sandbox.
    const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
    const words = [...quiet, `--user-data-dir=${join(folder, 'profile')}`, '--dump-dom', `file://${file}#${fragment}`];
    const { stdout } = await promisify(execFile)(chromium, words, { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

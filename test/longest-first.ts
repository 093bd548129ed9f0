/** The order of the test files. A file that begins last and lasts a minute would leave all workers but its own idle. */
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Beginnings of paths, the longest first: what waits for processes, and what PowerShell does. */
const longest: readonly string[] = [
  'test/hygiene/canaries',
  'test/endpoint/pester',
  'test/endpoint/crash',
  'test/hygiene/fleet',
  'test/e2e/device-faults',
  'test/e2e/loop',
  'test/e2e/wire-faults',
  'test/e2e/waves',
  'test/e2e/crash',
  'test/e2e/',
  'test/endpoint/wrapper',
  'test/store/mongodb',
  'test/house/start',
  'test/render/p',
  'test/apply/waves',
  'test/endpoint/',
  'test/reconcile/stages',
  'test/apply/',
];

const { sort: usual } = BaseSequencer.prototype;

/** vitest takes a class. Files that are as long as each other are in its own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await usual.call(this, files);
    return sorted.toSorted((a, b) => this.rank(a) - this.rank(b));
  }

  private rank({ moduleId }: TestSpecification): number {
    const path = relative(this.ctx.config.root, moduleId).replaceAll('\\', '/');
    const rank = longest.findIndex((beginning) => path.startsWith(beginning));
    return rank === -1 ? longest.length : rank;
  }
}

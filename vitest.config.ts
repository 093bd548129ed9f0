import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** What starts processes; and what measures them: Linux charges a child at first with the memory of who started it. */
const starting = ['test/e2e/**/*.test.ts', 'test/hygiene/**/*.test.ts', 'test/endpoint/**/*.test.ts'];
const alone = [...starting, 'test/house/bench.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/compiled.ts',
    // Many tests wait for a socket, a clock or a child: with so many workers there is nearly always one that does not.
    maxWorkers: 3 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // PowerShell's compiler would count in every loop how to make it faster: a third of the time of such short lives.
    env: { DOTNET_TieredPGO: '0' },
    projects: [
      { extends: true, test: { name: 'alone', include: alone, isolate: true } },
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          // No module keeps what the tests of another file could find, so a worker takes one file after another.
          isolate: false,
          // Node itself strips the types, as it does for the program.
          experimental: { viteModuleRunner: false },
        },
      },
    ],
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/compiled.ts',
    // Many tests wait for a socket, a clock or a child: with so many workers there is nearly always one that does not.
    maxWorkers: 3 * availableParallelism(),
    sequence: { sequencer: LongestFirst },
    // PowerShell's compiler would count in every loop how to make it faster: a third of the time of such short lives.
    env: { DOTNET_TieredPGO: '0' },
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Many tests wait for a socket or a child: one worker a core, where the default leaves a core out.
    maxWorkers: Math.max(2, availableParallelism()),
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Many tests wait for a socket or a child: more workers than cores, so that the cores do not wait too.
    maxWorkers: Math.max(4, availableParallelism()),
  },
});

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Many tests wait for a socket, a clock or a child: a worker more than there are cores, where the default leaves one out.
    maxWorkers: availableParallelism() + 1,
  },
});

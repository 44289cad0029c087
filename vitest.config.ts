/** How the tests run: against one real database, two files at a time, and silent. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/database.ts'],
    setupFiles: ['test/support/silent.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Files share the modules that a worker has loaded: loading them again for each file took a third of the time.
    isolate: false,
    pool: 'forks',
    maxWorkers: 2,
  },
});

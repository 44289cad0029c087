/** How the tests run: against one real database, three files at a time, and silent. */
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/**
 * Vitest asks for a class. Tests that kill processes come first: they wait for leases, while the gate reads the code. Those of the browser come last:
 * once its library is used, every promise of that worker costs more. Of these, the longest comes first, so that it does not run alone at the end.
 */
class BrowserLast extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const groups = [/\/test\/crash\//, /\/test\/(?!browser\/)/, /\/test\/browser\/every-page/, /./];
    const groupOf = ({ moduleId }: { moduleId: string }) => groups.findIndex((group) => group.test(moduleId));
    return (await super.sort(files)).sort((one, other) => groupOf(one) - groupOf(other));
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/database.ts'],
    setupFiles: ['test/support/silent.ts', 'test/support/trusted-filters.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // Files share the modules that a worker has loaded: loading them again for each file took a third of the time.
    isolate: false,
    pool: 'forks',
    // Three workers keep two cores busy: helpers that collect garbage would only wait for them. A larger young generation is collected less often.
    // Little of this code runs so often that it must be compiled for speed: a function must do six times the usual work before it is.
    execArgv: ['--single-threaded-gc', '--max-semi-space-size=64', '--interrupt-budget=400000'],
    // On two cores: a worker waits for the database and for leases for about half of its time.
    maxWorkers: 3,
    sequence: { sequencer: BrowserLast },
  },
});

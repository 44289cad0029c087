/** One database for the whole test run: that of MONGODB_URI, or an embedded one in a folder deleted afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDatabase } from '../../src/database/start.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of the shared server. Use `openTestDatabase` for a database of your own. */
    databaseUri: string;
  }
}

/** Vitest calls it once before all tests, and what it returns once after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'sayso-test-'));
  const database = await startDatabase({
    uri: process.env['MONGODB_URI'],
    folder,
    log: (sentence) => process.stderr.write(`${sentence}\n`),
    isSyncOnCommit: false,
  });
  project.provide('databaseUri', database.uri);
  return async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** Writes the lists of `test/support/list-fixtures.ts` as files for the tests and for trying imports by hand: `npx tsx scripts/list-fixtures.ts` */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFixtures } from '../test/support/list-fixtures.js';

const folder = join(import.meta.dirname, '../test/fixtures/lists');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(listFixtures())) writeFileSync(join(folder, name), content);

/** Writes the lists of `test/support` as files for the tests and for trying imports by hand: `npx tsx scripts/list-fixtures.ts` */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contactFixtures } from '../test/support/contact-fixtures.js';
import { listFixtures } from '../test/support/list-fixtures.js';

for (const [kind, files] of Object.entries({ lists: listFixtures(), contacts: contactFixtures() })) {
  const folder = join(import.meta.dirname, '../test/fixtures', kind);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

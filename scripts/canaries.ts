/**
 * Searches the log of the whole suite for addresses, tokens and keys: `tsx scripts/canaries.ts FOLDER` after the tests ran with
 * `SAYSO_TEST_LOGS=FOLDER`. Prints the kind and place of each match. The exit code is 1 for a match, or when nothing was logged at all.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { people } from '../src/seed/world.js';
import { findCanariesIn } from '../test/support/canary.js';
import { keyOfTheTests } from '../test/support/kept-log.js';

/** Addresses of the world, their domain, the key of the ids, and the tests' user agent. */
const canaries = [...people.map(({ address }) => address), keyOfTheTests, 'example.com', 'Gecko/20100101'];

function search(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const lines = files.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean));
  if (lines.length === 0) return ['nothing was logged, so nothing was shown'];
  console.log(`${lines.length} lines of ${files.length} processes were searched.`);
  return findCanariesIn(folder, canaries).map(({ what, where }) => `${what}: …${where}…`);
}

const [folder] = process.argv.slice(2);
const faults = folder ? search(folder) : ['name the folder that SAYSO_TEST_LOGS named'];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

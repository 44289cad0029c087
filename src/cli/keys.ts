/** `sayso keys`: adds a signing key, lists the keys, prints the public ones. */
import type { Command } from 'commander';
import { publicKeySet, readKeySet, rotateKeys } from '../tokens/keys.js';
import { readEnvironment, print } from './context.js';

export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('The keys that sign and check links (TOKEN_KEYS_FILE)');
  keys
    .command('rotate')
    .description('Add a key that signs from now on; the older ones still verify links that were sent')
    .action(async () => {
      const { tokenKeysFile, tokenAlgorithm } = readEnvironment();
      const kid = await rotateKeys(tokenKeysFile, tokenAlgorithm, new Date());
      print(`Key ${kid} (${tokenAlgorithm}) signs from now on; running processes take it within seconds.`);
    });
  keys
    .command('list')
    .description('Show every key, oldest first: its name, algorithm, age and use; never the key itself')
    .action(async () => {
      const { tokenKeysFile } = readEnvironment();
      for (const key of await readKeySet(tokenKeysFile)) {
        const made = key.createdAt ? new Date(key.createdAt * 1000).toISOString().slice(0, 10) : 'unknown';
        print(
          `${key.kid.padEnd(8)}  ${key.algorithm.padEnd(7)}  ${made.padEnd(10)}  ${key.signKey ? 'signs' : 'verifies'}`,
        );
      }
    });
  keys
    .command('public')
    .description('Print the public keys as a JSON Web Key Set, for processes that only serve public pages')
    .action(async () => print(JSON.stringify(await publicKeySet(readEnvironment().tokenKeysFile), null, 2)));
}

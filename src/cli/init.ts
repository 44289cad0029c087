/** `sayso init`: creates what a development machine needs to start: `.env` with new secrets, and a key set. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { DomainError } from '../errors.js';
import { rotateKeys } from '../tokens/keys.js';
import { readEnvironment } from './context.js';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write .env and a key set for development, if they do not exist')
    .action(async () => {
      const hadFile = existsSync('.env');
      if (!hadFile) {
        if (!existsSync('.env.example'))
          throw new DomainError(
            'INVALID_FILE',
            'There is no .env.example here: run this in the folder of Sayso.',
          );
        const example = await readFile('.env.example', 'utf8');
        const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
        const key = randomBytes(32).toString('base64url');
        await writeFile(
          '.env',
          example
            .replace(/^SUBSCRIBER_ID_KEY=$/m, `SUBSCRIBER_ID_KEY=${key}`)
            .replace(/^TIME_ZONE=$/m, `TIME_ZONE=${zone}`),
          {
            mode: 0o600,
            flag: 'wx',
          },
        );
        process.stdout.write(
          `Wrote .env, with a new subscriber key and the time zone ${zone}. Before real use set UNSUBSCRIBE_MAILTO to the mailbox that takes unsubscribe mails.\n`,
        );
      }
      const config = readEnvironment();
      if (existsSync(config.tokenKeysFile)) {
        if (hadFile)
          process.stdout.write(`Nothing was changed: .env and ${config.tokenKeysFile} already exist.\n`);
        return;
      }
      await rotateKeys(config.tokenKeysFile, config.tokenAlgorithm, new Date());
      process.stdout.write(`Wrote ${config.tokenKeysFile}, the key set of the links.\n`);
    });
}

/** `sayso seed`: creates the demonstration world, or leaves it unchanged; never in production, and never in a real account. */
import type { Command } from 'commander';
import { DomainError } from '../errors.js';
import { seed } from '../seed/seed.js';
import { readEnvironment, withContext } from './context.js';

export function addSeedCommand(program: Command): void {
  program
    .command('seed')
    .description(
      'Make the demonstration world in an empty database: two business units and five people, the same each time',
    )
    .action(async () => {
      if (readEnvironment().environment === 'production')
        throw new DomainError(
          'NOT_PERMITTED',
          'The demonstration world is for development, and NODE_ENV is production.',
        );
      const { people } = await withContext(({ deps }) => seed(deps));
      for (const { person, isNew } of people) {
        process.stdout.write(
          `${person.name} ${person.role}: ${person.address}${isNew ? '' : ' (already existed, not changed)'}\n`,
        );
      }
    });
}

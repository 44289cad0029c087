/** `sayso seed`: makes the demonstration world, or leaves it as it is. */
import type { Command } from 'commander';
import { seed } from '../seed/seed.js';
import { withContext } from './context.js';

export function addSeedCommand(program: Command): void {
  program
    .command('seed')
    .description('Make the demonstration world: two business units and five people, the same each time')
    .action(() =>
      withContext(async ({ deps }) => {
        const { people } = await seed(deps);
        for (const { person, isNew } of people) {
          process.stdout.write(
            `${person.name} ${person.role}: ${person.address}${isNew ? '' : ' (was there already, left as it is)'}\n`,
          );
        }
      }),
    );
}

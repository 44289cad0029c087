/** `sayso worker`: the jobs alone. */
import type { Command } from 'commander';
import { startPortal } from '../server.js';
import { readEnvironment } from './context.js';
import { runUntilStopped } from './until-stopped.js';

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('Run the jobs: mails that are due, bulk work, the index of contacts')
    .option('--migrate', 'bring an older database to the schema of this release first')
    .action(async (options: { migrate?: boolean }) => {
      const config = readEnvironment();
      await runUntilStopped(() =>
        startPortal(config, { hasServer: false, hasWorker: true, mayMigrate: options.migrate === true }),
      );
    });
}

/** `sayso serve`: serves the public and staff pages, and with `--worker` also runs the jobs in the same process. */
import type { Command } from 'commander';
import { paths } from '../paths.js';
import { startPortal } from '../server.js';
import { announceSetUp } from './announce-set-up.js';
import { watchBaseUrl } from './base-url.js';
import { readEnvironment } from './context.js';
import { runUntilStopped } from './until-stopped.js';

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('Serve the public pages and those of the staff')
    .option('--worker', 'run the jobs in this process too')
    .option('--migrate', 'first update an older database to the schema of this release')
    .action(async (options: { worker?: boolean; migrate?: boolean }) => {
      const config = readEnvironment();
      await runUntilStopped(
        () =>
          startPortal(config, {
            hasServer: true,
            hasWorker: options.worker === true,
            mayMigrate: options.migrate === true,
          }),
        async (portal) => {
          const { deps } = portal;
          void watchBaseUrl(portal);
          if (!deps.config.smtpUrl)
            deps.log.info(
              `SMTP_URL is not set, so mails are written to the outbox: ${deps.config.baseUrl}${paths.outbox()}`,
            );
          await announceSetUp(deps).catch((err: unknown) => deps.log.warn({ err }, 'no set-up link made'));
          return 'STAY';
        },
      );
    });
}

/** `sayso send`: mails "Manage your preferences" to one address. */
import type { Command } from 'commander';
import { mailLink } from '../domain/links/mail-link.js';
import { paths } from '../paths.js';
import { withContext } from './context.js';
import { wholeNumber } from './target-options.js';

interface SendOptions {
  unit: number;
  type?: number;
  lang?: string;
}

export function addSendCommand(program: Command): void {
  program
    .command('send')
    .description('Queue the mail "Manage your preferences" to one address; a worker sends it')
    .argument('<address>', 'e-mail address')
    .requiredOption('--unit <id>', 'business unit that sends it', wholeNumber)
    .option('--type <id>', 'subscription type that its unsubscribe header ends', wholeNumber)
    .option('--lang <code>', 'language; otherwise the contact’s, then the unit’s')
    .action(async (address: string, options: SendOptions) => {
      const { isNew, outbox } = await withContext(async ({ deps }) => {
        const { isNew } = await mailLink(
          deps,
          {
            address,
            unitId: options.unit,
            ...(options.type === undefined ? {} : { typeId: options.type }),
            ...(options.lang === undefined ? {} : { locale: options.lang }),
          },
          'sayso send',
        );
        const { smtpUrl, baseUrl } = deps.config;
        return { isNew, outbox: smtpUrl ? undefined : baseUrl + paths.outbox() };
      });
      const queued = outbox
        ? `Queued. SMTP_URL is not set, so a worker writes it to the outbox: ${outbox}\n`
        : 'Queued. A worker sends it.\n';
      process.stdout.write(isNew ? queued : 'It was queued less than a minute ago, so nothing was added.\n');
    });
}

/** `sayso link`: mints the links of one address. */
import type { Command } from 'commander';
import { shownAddress } from '../domain/consent/shown-address.js';
import { mintLink } from '../domain/links/mint-links.js';
import type { LinkSet } from '../domain/links/link-set.js';
import { withContext } from './context.js';
import { addTargetOptions, targetIn, type TargetOptions } from './target-options.js';

interface LinkOptions extends TargetOptions {
  json?: true;
  footer?: true;
}

export function addLinkCommand(program: Command): void {
  addTargetOptions(
    program
      .command('link')
      .description('Mint the links of one address: preferences, unsubscribe, the two headers and a footer')
      .argument('<address>', 'e-mail address, or phone number with its country code'),
  )
    .option('--footer', 'print the footer too, as HTML and as text')
    .option('--json', 'print everything as one JSON object')
    .action(async (address: string, options: LinkOptions) => {
      const set = await withContext(({ deps }) =>
        mintLink(deps, { address, ...targetIn(options) }, { hasFooter: true }),
      );
      process.stdout.write(options.json ? `${JSON.stringify(set, null, 2)}\n` : inWords(set, options));
    });
}

function inWords(set: LinkSet, { type, footer }: LinkOptions): string {
  return [
    `Links of ${shownAddress(set.address)}`,
    '',
    `Manage preferences:\n  ${set.managePreferencesUrl}`,
    ...(set.unsubscribeSingleUrl ? [`Unsubscribe from type ${type}:\n  ${set.unsubscribeSingleUrl}`] : []),
    `Unsubscribe from all of the unit:\n  ${set.unsubscribeAllUrl}`,
    '',
    ...Object.entries(set.headers).map(([name, value]) => `${name}: ${value}`),
    '',
    ...(footer && set.footer ? [set.footer.html.trim(), '', set.footer.text.trim(), ''] : []),
  ].join('\n');
}

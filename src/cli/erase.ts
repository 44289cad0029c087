/** `sayso erase` and `sayso my-data`: what staff and contacts do on their pages, for one address. */
import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import type { Deps } from '../deps.js';
import { findByWrittenAddress } from '../domain/consent/merge-subscribers.js';
import { erasePerson } from '../domain/contacts/erase.js';
import { findErasureReceipt, previewErasure, receiptText } from '../domain/contacts/erasure-receipt.js';
import { myData } from '../domain/contacts/my-data.js';
import { recordAudit } from '../domain/staff/audit.js';
import { DomainError } from '../errors.js';
import { channels } from '../vocabulary/terms.js';
import type { Channel } from '../vocabulary/terms.js';
import { withContext } from './context.js';
import { writeWhole } from './write-file.js';

interface EraseOptions {
  channel: Channel;
  yes?: true;
  receipt: string;
}

const channelOption = () =>
  new Option('--channel <channel>', 'channel of the address').choices(channels).default('EMAIL');

export function addEraseCommand(program: Command): void {
  program
    .command('erase')
    .description('Erase the person with this address: the data is deleted, the opt-out stays')
    .argument('<address>', 'e-mail address or phone number')
    .addOption(channelOption())
    .option('--yes', 'erase without asking')
    .option('--receipt <file>', 'file for the receipt; - for standard output', '-')
    .action((address: string, options: EraseOptions) =>
      withContext(async ({ deps }) => {
        const id = await findPersonId(deps, options.channel, address);
        const { deleted, kept } = await previewErasure(deps, id);
        say(['Deleted:', ...deleted.map((line) => `  ${line}`), 'Kept:', ...kept.map((line) => `  ${line}`)]);
        if (!options.yes) await confirm(address);
        const actor = { kind: 'STAFF', isBulk: false, ref: 'cli', scope: null } as const;
        const erased = await erasePerson(deps, { id, actor });
        await recordAudit(deps, { kind: 'PERSON_ERASED', by: 'cli', about: `contact:${id}` });
        const receipt = await findErasureReceipt(deps, erased);
        if (receipt) await writeWhole(options.receipt, one(receiptText(receipt)));
      }),
    );
}

export function addMyDataCommand(program: Command): void {
  program
    .command('my-data')
    .description('Write everything that is kept about the person with this address, as JSON')
    .argument('<address>', 'e-mail address or phone number')
    .addOption(channelOption())
    .option('--out <file>', 'file to write; - for standard output', '-')
    .action((address: string, { channel, out }: { channel: Channel; out: string }) =>
      withContext(async ({ deps }) => {
        const id = await findPersonId(deps, channel, address);
        await recordAudit(deps, { kind: 'EXPORTED', by: 'cli', about: `contact:${id}`, detail: 'my data' });
        await writeWhole(out, myData(deps, { id }));
      }),
    );
}

/** The id of a person's subscriber, which also names their contact. @throws DomainError `INVALID_ADDRESS`, also if nothing is recorded */
async function findPersonId(deps: Deps, channel: Channel, written: string): Promise<string> {
  const head = await findByWrittenAddress(deps, channel, written);
  if (!head) throw new DomainError('INVALID_ADDRESS', `Nothing is recorded of ${written}.`);
  return head._id;
}

/** @throws DomainError `INVALID_FORM` unless the same address is typed again on a terminal */
async function confirm(address: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new DomainError(
      'INVALID_FORM',
      'This command cannot ask without a terminal: add --yes to erase without asking.',
    );
  const editor = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await editor.question('This cannot be undone. Type the address again to erase: ');
  editor.close();
  if (typed.trim() !== address.trim())
    throw new DomainError('INVALID_FORM', 'That is another address; nothing was erased.');
}

/** To standard error, so that standard output has the receipt alone. */
function say(lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}

async function* one(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

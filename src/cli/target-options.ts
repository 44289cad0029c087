/** The options for the target of a link; `link` and `links` share them. */
import { InvalidArgumentError, type Command } from 'commander';
import { channels, type Channel } from '../vocabulary/terms.js';
import type { Recipient } from '../domain/links/recipient.js';

export interface TargetOptions {
  unit: number;
  type?: number;
  lang?: string;
  campaign?: string;
  channel?: Channel;
}

export function addTargetOptions(command: Command): Command {
  return command
    .requiredOption('--unit <id>', 'business unit that the mail is of', wholeNumber)
    .option(
      '--type <id>',
      'subscription type that the mail is of; its own unsubscribe link ends this type only',
      wholeNumber,
    )
    .option('--lang <code>', 'language of the pages and the footer; else that of the contact, or of the unit')
    .option(
      '--campaign <label>',
      'recorded with what the contact does: up to 40 letters, digits, dots, dashes, underscores',
    )
    .option('--channel <name>', `${channels.join(', ')}; else that of the type, or EMAIL`, channel);
}

/** The options as the link functions take them. */
export function targetIn(options: TargetOptions): Omit<Recipient, 'address'> {
  return {
    unitId: options.unit,
    ...(options.type !== undefined && { typeId: options.type }),
    ...(options.lang !== undefined && { locale: options.lang }),
    ...(options.campaign !== undefined && { campaign: options.campaign }),
    ...(options.channel !== undefined && { channel: options.channel }),
  };
}

/** @throws InvalidArgumentError, which commander prints with the option's name */
export function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('It is a whole number, such as 1.');
  return Number(text);
}

function channel(text: string): Channel {
  const known = channels.find((name) => name === text.toUpperCase());
  if (!known) throw new InvalidArgumentError(`There are ${channels.join(', ')}.`);
  return known;
}

/** `sayso history`: shows one subscriber's events, and proves for one or all that no event was removed or altered. */
import { Argument, Option, type Command } from 'commander';
import { findByAddress } from '../domain/consent/merge-subscribers.js';
import { readAddress } from '../domain/consent/read-address.js';
import { faultsOfHistory, readHistory } from '../domain/consent/history.js';
import { readEvents } from '../domain/consent/newest-events.js';
import {
  channels,
  type Catalogue,
  type Change,
  type Channel,
  type ConsentEvent,
  type OptOutMarks,
} from '../vocabulary/terms.js';
import { doerBehind, doerInWords, findActors, type DoerOf } from '../domain/staff/names.js';
import type { Deps } from '../deps.js';
import { DomainError } from '../errors.js';
import { findSubscriber } from '../models/find-subscribers.js';
import { withContext, print } from './context.js';
import { counted } from '../vocabulary/words.js';

export function addHistoryCommand(program: Command): void {
  const history = program.command('history').description('Show and verify what was recorded');
  const channel = new Option('--channel <channel>', 'channel of the address')
    .choices(channels)
    .default('EMAIL');
  history
    .command('verify')
    .description('Verify the chain of one address, or of all; exit 1 on any fault')
    .addArgument(new Argument('[address]', 'one address'))
    .option('--all', 'every subscriber that the database holds')
    .addOption(channel)
    .action((address: string | undefined, options: { all?: true; channel: Channel }) =>
      withContext(async ({ deps }) => {
        if ((address === undefined) === (options.all === undefined))
          throw new DomainError('INVALID_FORM', 'Give one address, or --all.');
        const ids =
          address === undefined ? everySubscriber(deps) : await knownIds(deps, options.channel, address);
        const { checked, faulty } = await verify(deps, ids, print);
        if (address !== undefined && checked === 0) throw unknownAddress(address);
        print(`${checked} ${checked === 1 ? 'history' : 'histories'} checked, ${faulty} with faults.`);
        if (faulty > 0) process.exitCode = 1;
      }),
    );
  history
    .command('show')
    .description('Show every event of one address, oldest first')
    .addArgument(new Argument('<address>', 'one address'))
    .addOption(channel)
    .action((address: string, options: { channel: Channel }) =>
      withContext(async ({ deps }) => {
        const [id = ''] = await knownIds(deps, options.channel, address);
        if (!(await findSubscriber(deps.models.subscribers, id))) throw unknownAddress(address);
        const events = await readEvents(deps.models, id);
        const catalogue = await deps.catalogue();
        print(`Subscriber ${id}, ${counted(events.length, 'event')}.`);
        const doerOf = await findActors(deps, events);
        for (const event of events) print(lineOf(event, catalogue, doerOf));
      }),
    );
}

/**
 * Verifies histories one after another.
 * @param say called with one line per fault: the subscriber id, never the address
 */
export async function verify(
  deps: Pick<Deps, 'models'>,
  ids: Iterable<string> | AsyncIterable<string>,
  say: (line: string) => void,
): Promise<{ checked: number; faulty: number }> {
  let checked = 0;
  let faulty = 0;
  for await (const id of ids) {
    const found = await readHistory(deps.models, id);
    if (!found) continue;
    checked += 1;
    const faults = faultsOfHistory(found);
    if (faults.length > 0) faulty += 1;
    for (const fault of faults) say(`${id}: ${fault}`);
  }
  return { checked, faulty };
}

/** Ids as the database streams them: a few at a time in memory, regardless of their number. */
async function* everySubscriber({ models }: Pick<Deps, 'models'>): AsyncGenerator<string> {
  for await (const { _id } of models.subscribers.find({}, { _id: 1 }).lean<{ _id: string }[]>().cursor())
    yield _id;
}

/** The id of an address, and those of its other spellings. */
async function knownIds(deps: Deps, channel: Channel, written: string): Promise<string[]> {
  const catalogue = await deps.catalogue();
  try {
    const address = readAddress(channel, written, catalogue);
    const subscriberId = deps.subscriberIds(channel, address);
    const head = await findByAddress(deps, { channel, address, subscriberId });
    return [subscriberId, ...(head?.mergedFrom ?? [])];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.code, `${error.message} (${written})`, { cause: error });
  }
}

function unknownAddress(address: string): DomainError {
  return new DomainError('INVALID_ADDRESS', `Nothing is recorded of ${address}.`);
}

function lineOf(event: ConsentEvent, catalogue: Catalogue, doerOf: DoerOf): string {
  const { actor, legalBasis, detail } = event;
  const doer = doerBehind(event, doerOf);
  const who = [actor.ref, actor.by, doer && doerInWords(doer)].filter(Boolean).join(', ');
  const parts = [
    String(event.seq).padStart(4),
    event.at.toISOString(),
    `${actor.kind}${who && ` (${who})`}${event.isMachine ? ', as a machine' : ''}`,
    whatOf(event.change, catalogue),
    legalBasis ?? '',
    detail?.explanation ? `"${detail.explanation}"` : '',
  ];
  return parts.filter(Boolean).join('  ');
}

function whatOf(change: Change, { types, units }: Catalogue): string {
  const type = (id: number) => types.get(id)?.name ?? `type ${id}`;
  const unit = (id: number | null) => (id === null ? 'the account' : (units.get(id)?.name ?? `unit ${id}`));
  switch (change.op) {
    case 'STATUS':
      return `${type(change.typeId)}: ${change.from} to ${change.to}${marksOf(change)}`;
    case 'OPT_OUT_OF_ALL':
      return `${change.to ? 'opted out of all of' : 'lifted the opt-out of all of'} ${unit(change.unitId)}${marksOf(change)}`;
    case 'SNOOZE':
      return change.to
        ? `${type(change.typeId)}: paused until ${change.to.toISOString()}`
        : `${type(change.typeId)}: resumed`;
    case 'PENDING':
      return `${change.typeIds.map(type).join(', ')}: pending until ${change.expiresAt.toISOString()}`;
    case 'CONFIRMED':
      return `confirmed the pending opt-in of ${unit(change.unitId)}`;
    case 'UNDELIVERABLE':
      return change.soft === undefined ? change.reason : `${change.reason} (${change.soft} soft bounces)`;
    case 'DELIVERABLE':
      return `${change.was} cleared`;
    case 'ONE_TIME_BASIS':
      return `${change.purpose} once, on its own legal basis, for ${unit(change.unitId)}`;
    case 'LINKS_REVOKED':
      return `links revoked: epoch ${change.from} to ${change.to}`;
    case 'ERASED':
      return 'erased';
  }
}

function marksOf({ removes, isHandedBack, isMovedDown, isRestored }: OptOutMarks): string {
  if (isRestored) return ', restored by Undo';
  if (isMovedDown) return ', moved down';
  const removed = isHandedBack ? 'AUTOMATED' : removes;
  return removed ? `, opt-out by ${removed} removed` : '';
}

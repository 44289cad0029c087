/** The list of automated opt-outs, newest first, for staff to look through and correct. */
import type { Document, FindOptions } from 'mongodb';
import type { TimeAndId } from '../../cursor.js';
import type { Models } from '../../models/index.js';
import type { Subscriber } from '../../models/subscriber.js';
import type { Scope } from '../../vocabulary/scope.js';
import { reading } from './durability.js';
import { findEvents } from './find-events.js';
import { machineOptOutsOf, type MachineOptOut } from './machine-opt-outs.js';
import type { Catalogue, Channel, ConsentEvent } from '../../vocabulary/terms.js';

export interface MachineMadeRow {
  subscriberId: string;
  channel: Channel;
  /** Null after erasure. */
  address: string | null;
  contactId: string | null;
  /** Those within the scope, and portal-wide ones. Each has the event that made it, which a correction names. */
  optOuts: (MachineOptOut & { event: ConsentEvent | null })[];
}

export interface MachineMadePage {
  rows: MachineMadeRow[];
  /** Start of the next page; null after the last page. */
  next: TimeAndId | null;
}

/** One page of subscribers with machine-made opt-outs that concern the scope. */
export async function findMachineMade(
  deps: { models: Pick<Models, 'subscribers' | 'archivedEvents'>; catalogue: () => Promise<Catalogue> },
  { scope, before, limit }: { scope: Scope; before: TimeAndId | null; limit: number },
): Promise<MachineMadePage> {
  const catalogue = await reading(() => deps.catalogue());
  const found = await listed<Subscriber>(deps, scope, before, { limit: limit + 1 });
  const shown = found.slice(0, limit).map((subscriber) => ({
    subscriber,
    optOuts: machineOptOutsOf(subscriber, catalogue, scope),
  }));
  const eventOf = await findEvents(
    deps.models,
    shown.map(({ subscriber, optOuts }) => ({
      subscriber,
      seqs: optOuts.map(({ standing }) => standing.seq),
    })),
  );
  const last = shown[shown.length - 1]?.subscriber;
  return {
    rows: shown.map(({ subscriber: { _id, channel, address, contactId }, optOuts }) => ({
      ...{ subscriberId: _id, channel, address, contactId: contactId ?? null },
      optOuts: optOuts.map((one) => ({ ...one, event: eventOf(_id, one.standing.seq) ?? null })),
    })),
    next: found.length > limit && last?.machineMade ? { at: last.machineMade.at, id: last._id } : null,
  };
}

/** Only the positions in the list, for work on all of it. */
export async function findMachineMadeCursors(
  deps: { models: Pick<Models, 'subscribers'> },
  { scope, before, limit }: { scope: Scope; before: TimeAndId | null; limit: number },
): Promise<TimeAndId[]> {
  const options = { limit, projection: { machineMade: 1 } };
  const found = await listed<Pick<Subscriber, '_id' | 'machineMade'>>(deps, scope, before, options);
  return found.flatMap(({ _id, machineMade }) => (machineMade ? [{ at: machineMade.at, id: _id }] : []));
}

/** Equality, range and order match the index. The remaining condition separates rows of the same time. */
async function listed<Row extends Document>(
  { models }: { models: Pick<Models, 'subscribers'> },
  scope: Scope,
  before: TimeAndId | null,
  options: FindOptions,
): Promise<Row[]> {
  const filter: Record<string, unknown> = {
    'machineMade.of': scope === null ? 'all' : { $in: ['portal', ...scope.map(String)] },
    ...(before && {
      'machineMade.at': { $lte: before.at },
      $nor: [{ 'machineMade.at': before.at, _id: { $gte: before.id } }],
    }),
  };
  const sort = { 'machineMade.at': -1, _id: -1 } as const;
  return reading(() => models.subscribers.collection.find<Row>(filter, { ...options, sort }).toArray());
}

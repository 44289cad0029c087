/** Mints links for one address or a stream of addresses. A batch costs one read and at most one write, and memory stays flat. */
import { DomainError, type ErrorCode } from '../../errors.js';
import { overlapped } from '../../overlapped.js';
import type { Models } from '../../models/index.js';
import type { SubscriberIds } from '../consent/address.js';
import { reading } from '../consent/durability.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { findOrMakeSubscribers, type KnownSubscriber } from './known-subscribers.js';
import { makeLinkSet, type LinkSet, type LinkSetDeps } from './link-set.js';
import { destinationOf, type Destination, type Recipient } from './recipient.js';

export interface LinkDeps extends LinkSetDeps {
  models: Pick<Models, 'subscribers'>;
  subscriberIds: SubscriberIds;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

/** A recipient without a link, and the reason in one sentence. It does not affect the rest of the stream. */
export interface RefusedRecipient {
  address: string;
  refusal: { code: ErrorCode; message: string };
}

export interface MintOptions {
  /** The number of recipients per read and write; 500 by default. */
  batchSize?: number;
  /** Whether each link set has a footer in HTML and text. */
  hasFooter?: boolean;
}

/**
 * Mints the links of one recipient.
 * @throws DomainError for a recipient that a stream would refuse, and `DATABASE_AWAY`, `OUTCOME_UNKNOWN`, `INVALID_KEYS`
 */
export async function mintLink(
  deps: LinkDeps,
  recipient: Recipient,
  { hasFooter = false }: MintOptions = {},
): Promise<LinkSet> {
  const destination = destinationOf(deps, await reading(() => deps.catalogue()), recipient);
  const known = await findOrMakeSubscribers(deps, [destination]);
  return makeLinkSet(deps, destination, knownOf(known, destination), { now: deps.clock(), hasFooter });
}

/**
 * Mints links for a stream of recipients and returns one result for each, in their order. While one batch is signed, the database works on the next.
 * @returns a link set or a refusal for each recipient, as soon as its batch is done
 * @throws DomainError `DATABASE_AWAY`, `OUTCOME_UNKNOWN`, `INVALID_KEYS`: these end the stream, and it is safe to start it over
 */
export async function* mintLinks(
  deps: LinkDeps,
  recipients: Iterable<Recipient> | AsyncIterable<Recipient>,
  { batchSize = 500, hasFooter = false }: MintOptions = {},
): AsyncGenerator<LinkSet | RefusedRecipient> {
  const prepared = overlapped(batchesOf(recipients, batchSize), (batch) => prepare(deps, batch));
  for await (const batch of prepared) yield* await sign(deps, batch, hasFooter);
}

interface PreparedBatch {
  rows: (Destination | RefusedRecipient)[];
  known: Map<string, KnownSubscriber>;
}

async function prepare(deps: LinkDeps, batch: readonly Recipient[]): Promise<PreparedBatch> {
  const catalogue = await reading(() => deps.catalogue());
  const rows = batch.map((recipient) => destinationOrRefusal(deps, catalogue, recipient));
  const known = await findOrMakeSubscribers(
    deps,
    rows.filter((row) => 'subscriberId' in row),
  );
  return { rows, known };
}

async function sign(
  deps: LinkDeps,
  { rows, known }: PreparedBatch,
  hasFooter: boolean,
): Promise<(LinkSet | RefusedRecipient)[]> {
  const now = deps.clock();
  return Promise.all(
    rows.map(async (row) =>
      'refusal' in row ? row : makeLinkSet(deps, row, knownOf(known, row), { now, hasFooter }),
    ),
  );
}

function destinationOrRefusal(
  deps: LinkDeps,
  catalogue: Catalogue,
  recipient: Recipient,
): Destination | RefusedRecipient {
  try {
    return destinationOf(deps, catalogue, recipient);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { address: recipient.address, refusal: { code: error.code, message: error.message } };
  }
}

/** After preparation every recipient of a batch has a subscriber: read, or created with the first link epoch. */
function knownOf(known: Map<string, KnownSubscriber>, { subscriberId }: Destination): KnownSubscriber {
  return known.get(subscriberId) ?? { epoch: 0, locale: null };
}

async function* batchesOf<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

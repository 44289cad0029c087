/** The marketing contact status: marketing at once, non-marketing at the next update, and the update itself. */
import { changeContacts, findContactsById, type Contact, type ContactChange } from '../../models/contact.js';
import { rawCollectionOf } from '../../models/raw-collection.js';
import { updateIf } from '../../models/update-if.js';
import type { Models } from '../../models/index.js';
import type { RowRefusal } from '../../vocabulary/refusal-codes.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import { channels } from '../../vocabulary/terms.js';
import { reading, writing } from '../consent/durability.js';
import { isWhollyInScope } from '../contacts/read.js';
import { facet } from '../filters/facet.js';

export interface MarketingDeps {
  models: Pick<Models, 'contacts' | 'subscribers'>;
  clock: () => Date;
}

export type MarketingOutcome = 'CHANGED' | 'NO_CHANGE' | RowRefusal;

type MarketingFields = Pick<Contact, 'isMarketing' | 'leavesMarketingSince'>;

/** From the moment of the update on, not from that of the request. */
export function isMarketingContact({ isMarketing }: MarketingFields): boolean {
  return isMarketing !== false;
}

export function isUntilNextUpdate({ leavesMarketingSince }: MarketingFields): boolean {
  return Boolean(leavesMarketingSince);
}

const facetsWith = (facets: readonly string[]) => ({
  $concatArrays: [
    {
      $filter: {
        input: '$facets',
        as: 'one',
        cond: {
          $not: [{ $in: ['$$one', [facet.marketing(true), facet.marketing(false), facet.untilUpdate]] }],
        },
      },
    },
    [...facets],
  ],
});

/** At once. It also takes back what was to take effect at the next update. */
const toMarketing: ContactChange = {
  where: { $or: [{ isMarketing: false }, { leavesMarketingSince: { $ne: null } }] },
  set: { isMarketing: true, leavesMarketingSince: null, facets: facetsWith([facet.marketing(true)]) },
};

const toLeave = (now: Date): ContactChange => ({
  where: { isMarketing: { $ne: false }, leavesMarketingSince: null },
  set: {
    ...{ isMarketing: true, leavesMarketingSince: now },
    facets: facetsWith([facet.marketing(true), facet.untilUpdate]),
  },
});

/**
 * Sets contacts to marketing at once, or to non-marketing at the next update. Repeating it changes nothing.
 * @param wanted `contactIds`: a few hundred at a time. `beforeWrite` throws if the write would come too late
 * @returns the outcome of each contact, in their order. `SHARED_CONTACT`: the status belongs to the contact, so only somebody who reaches all of its units
 *   changes it
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function setMarketingStatus(
  { models: { contacts }, clock }: MarketingDeps,
  wanted: {
    contactIds: readonly string[];
    isMarketing: boolean;
    scope: Scope;
    beforeWrite?: () => void;
    /** The workflow that acts (`workflow:<id>`), for the change feed. */
    by?: string;
  },
): Promise<MarketingOutcome[]> {
  const { contactIds, isMarketing, scope } = wanted;
  const found = await reading(() => findContactsById(contacts, contactIds));
  const byId = new Map(found.map((contact) => [contact._id, contact]));
  const outcomes = contactIds.map((id): MarketingOutcome => {
    const contact = byId.get(id);
    if (!contact || contact.blankUntil || !isAnyInScope(scope, contact.unitIds)) return 'NO_CONTACT';
    if (!isWhollyInScope(scope, contact)) return 'SHARED_CONTACT';
    const stays = isMarketingContact(contact) && !isUntilNextUpdate(contact);
    return stays === isMarketing ? 'NO_CHANGE' : 'CHANGED';
  });
  const changed = contactIds.filter((_, at) => outcomes[at] === 'CHANGED');
  const now = clock();
  wanted.beforeWrite?.();
  const event = wanted.by === undefined ? {} : { event: { by: wanted.by } };
  const change = isMarketing ? toMarketing : toLeave(now);
  await writing(() => changeContacts(contacts, changed, { ...change, ...event }, now));
  return outcomes;
}

const batchSize = 500;

/**
 * One batch of the monthly update: contacts that somebody asked for before its moment become non-marketing contacts. Repeating it changes nothing.
 * @returns how many contacts it found; 0: all are done
 */
export async function updateBatch(
  { models, clock }: MarketingDeps,
  { before, guard }: { before: Date; guard: () => void },
): Promise<number> {
  const due = { leavesMarketingSince: { $lt: before }, isMarketing: { $ne: false } };
  const found = await reading(() =>
    addressesOf(models, { ...due, facets: facet.untilUpdate })
      .limit(batchSize)
      .toArray(),
  );
  const ids = found.map(({ _id }) => _id);
  const facets = facetsWith([facet.marketing(false)]);
  guard();
  await markAddresses(models, found);
  const set = { isMarketing: false, leavesMarketingSince: null, facets };
  await writing(() => changeContacts(models.contacts, ids, { where: due, set }, clock()));
  return ids.length;
}

type WithAddresses = Pick<Contact, '_id' | 'subscribers'>;

function addressesOf({ contacts }: MarketingDeps['models'], which: object) {
  return rawCollectionOf(contacts).find<WithAddresses>(which, { projection: { subscribers: 1 } });
}

/**
 * Marks the addresses of contacts that are about to become non-marketing contacts, so that eligibility reads the contact. The contacts have asked for
 * it before, so an address that one of them gets in this moment is marked by its claim.
 */
async function markAddresses(
  { subscribers }: Pick<Models, 'subscribers'>,
  contacts: readonly WithAddresses[],
): Promise<void> {
  const ids = contacts.flatMap((contact) =>
    channels.flatMap((channel) => contact.subscribers[channel] ?? []),
  );
  if (ids.length === 0) return;
  const mark = { mayBeNonMarketing: true, version: { $add: ['$version', 1] } };
  const { filter, update } = updateIf(ids, { $ne: ['$mayBeNonMarketing', true] }, mark);
  await writing(() => subscribers.collection.updateMany(filter, update));
}

/** Schema version 14: marks the addresses of all non-marketing contacts. Repeating it changes nothing. */
export async function markNonMarketing(models: MarketingDeps['models']): Promise<void> {
  let batch: WithAddresses[] = [];
  for await (const contact of addressesOf(models, { isMarketing: false })) {
    if (batch.push(contact) < batchSize) continue;
    await markAddresses(models, batch);
    batch = [];
  }
  await markAddresses(models, batch);
}

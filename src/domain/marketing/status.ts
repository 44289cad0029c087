/** The marketing contact status: marketing at once, non-marketing at the next update, and the update itself. */
import { changeContacts, findContactsById, type Contact, type ContactChange } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { RowRefusal } from '../../vocabulary/refusal-codes.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import { reading, writing } from '../consent/durability.js';
import { isWhollyInScope } from '../contacts/read.js';
import { facet } from '../filters/facet.js';

export interface MarketingDeps {
  models: Pick<Models, 'contacts'>;
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
  { models: { contacts }, clock }: MarketingDeps,
  { before, guard }: { before: Date; guard: () => void },
): Promise<number> {
  const due = { leavesMarketingSince: { $lt: before }, isMarketing: { $ne: false } };
  const found = await reading(() =>
    contacts.collection
      .find({ ...due, facets: facet.untilUpdate }, { projection: { _id: 1 } })
      .limit(batchSize)
      .toArray(),
  );
  const ids = found.map(({ _id }) => String(_id));
  const facets = facetsWith([facet.marketing(false)]);
  guard();
  const set = { isMarketing: false, leavesMarketingSince: null, facets };
  await writing(() => changeContacts(contacts, ids, { where: due, set }, clock()));
  return ids.length;
}

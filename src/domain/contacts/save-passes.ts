/**
 * Saves contacts in passes over all that are left: read, claim the addresses, then one conditional write for each that says everything at once.
 * A pass takes the same number of round trips however many contacts there are. Contacts that others changed in between, and those that
 * depend on an earlier one of the same call, are left to the next pass.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../../errors.js';
import { findContactsById, type Contact } from '../../models/contact.js';
import { isOnlyDuplicates } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import type { SubscriberIds } from '../consent/address.js';
import { reading, writing } from '../consent/durability.js';
import type { KnownAddress } from '../consent/merge-subscribers.js';
import { channels, type Catalogue } from '../../vocabulary/terms.js';
import { claimAll, wantedAddresses, type Claim } from './claims.js';
import { contactWith, isSameContact, mayBeNonMarketing } from './contact-document.js';
import type { ContactDetails, ContactForm } from './contact-form.js';
import { noteProperties } from './properties.js';
import { releaseAll, type ClaimDeps } from './release.js';
import { readDetails, refusalOf, type RefusedContact } from './save-refusals.js';
import { writesOfSeveral } from './several-writes.js';

export interface ContactDeps extends ClaimDeps {
  models: Pick<Models, 'subscribers' | 'contacts' | 'contactProperties'>;
  subscriberIds: SubscriberIds;
  catalogue: () => Promise<Catalogue>;
}

/** What a save asks for. A contact that is to be made comes with the blank that it begins as. */
export interface Wish {
  form: ContactForm;
  contactId: string;
  blank: Contact | null;
  /** The contact as the caller has read it before. The first pass does not read it again; it then gets no address that it does not have. */
  known?: Contact;
  version?: number;
  ref?: string;
}

export type SavedContact =
  | { outcome: 'CREATED' | 'CHANGED' | 'UNCHANGED'; contact: Contact }
  | RefusedContact;

const isStale =
  'Somebody else changed this contact meanwhile. Look at it as it is now, then change it again.';

/** Passes in which nothing is finished. */
const mostIdlePasses = 60;
/** So long an address is waited for that somebody else is saving. */
const patienceMs = 1500;

/** What the passes of one call share. */
interface Work {
  deps: ContactDeps;
  scope: Scope;
  catalogue: Catalogue;
  results: Map<Wish, SavedContact>;
  /** In later passes, what the caller has read may be out of date. */
  isFirst: boolean;
  /** Ids of the contacts whose blanks are in the database. */
  begun: Set<string>;
  /** Until when a wish waits for an address, by `performance.now()`. */
  giveUpAt: Map<Wish, number>;
  /** Subscribers that an earlier pass has found erased. */
  knownErased: Set<string>;
  /** What the last pass made of each wish: it may have claimed the addresses. */
  lastDrafts: Map<Wish, Draft>;
}

/** A wish that is well-formed, and the contact as it is. */
interface Draft {
  wish: Wish;
  before: Contact;
  details: ContactDetails;
  wanted: KnownAddress[];
}

/**
 * @returns one result for each wish, in their order
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function saveInPasses(
  deps: ContactDeps,
  wishes: readonly Wish[],
  scope: Scope,
): Promise<SavedContact[]> {
  const catalogue = await reading(() => deps.catalogue());
  const results = new Map<Wish, SavedContact>();
  const work: Work = {
    ...{ deps, scope, catalogue, results, isFirst: true },
    begun: new Set(),
    giveUpAt: new Map(),
    knownErased: new Set(),
    lastDrafts: new Map(),
  };
  for (let idle = 0; results.size < wishes.length; idle++) {
    if (idle === mostIdlePasses)
      throw new DomainError(
        'DATABASE_AWAY',
        'Others kept changing these contacts, so not all of them were saved.',
      );
    const before = results.size;
    if (idle > 0) await sleep(20 + Math.random() * 80);
    await pass(
      work,
      wishes.filter((wish) => !results.has(wish)),
    );
    if (results.size > before || work.isFirst) idle = -1;
    work.isFirst = false;
  }
  return wishes.flatMap((wish) => results.get(wish) ?? []);
}

async function pass(work: Work, waiting: readonly Wish[]): Promise<void> {
  const { deps, results, catalogue, knownErased } = work;
  const drafts: Draft[] = [];
  const refused: Draft[] = [];
  for (const [wish, before] of await findBefore(work, untilContactRepeats(waiting))) {
    const last = work.lastDrafts.get(wish);
    const draft = draftOf(work, wish, before);
    if ('wish' in draft) {
      drafts.push(draft);
      work.lastDrafts.set(wish, draft);
    } else {
      results.set(wish, draft);
      if (last) refused.push(last);
    }
  }
  await insertBlanks(work, drafts);
  const asks = drafts.map(({ wish, before, wanted }) => ({
    ...{ contactId: before._id, wanted, listed: before.subscribers },
    mayBeNonMarketing: mayBeNonMarketing(before, catalogue),
    mayTake: !(work.isFirst && wish.known),
    ...{ isAlone: wish.blank !== null, knownErased },
  }));
  const claims = await claimAll(deps, asks);
  for (const claim of claims.flat()) if ('erased' in claim) knownErased.add(claim.erased);
  const writes: Write[] = [];
  for (const [at, draft] of drafts.entries()) {
    const answer = claims[at] ?? [];
    const heads = answer.flatMap((claim) => (claim.kind === 'MINE' ? [claim.head] : []));
    if (heads.length === draft.wanted.length) {
      const now = deps.clock();
      const contact = contactWith(draft.before, draft.details, heads, {
        ...{ catalogue, now, ref: draft.wish.ref },
      });
      if (isSameContact(draft.before, contact))
        results.set(draft.wish, { outcome: 'UNCHANGED', contact: draft.before });
      else writes.push({ ...draft, contact });
    } else if (!mustWait(work, draft.wish, answer)) {
      refused.push(draft);
      const contact = madeBefore(work, draft, answer);
      results.set(draft.wish, contact ? { outcome: 'UNCHANGED', contact } : refusalOf(answer, work.scope));
    }
  }
  await write(work, writes);
  await forget(work, refused);
}

/** The wishes before the first one that edits the contact of an earlier one: it has to find what that one leaves. */
function untilContactRepeats(waiting: readonly Wish[]): readonly Wish[] {
  const seen = new Set<string>();
  const end = waiting.findIndex(({ contactId }) => seen.size === seen.add(contactId).size);
  return end === -1 ? waiting : waiting.slice(0, end);
}

async function findBefore(
  { deps, begun, isFirst }: Work,
  wishes: readonly Wish[],
): Promise<[Wish, Contact | undefined][]> {
  const knownOf = ({ blank, contactId, known }: Wish) =>
    (!begun.has(contactId) && blank) || (isFirst ? known : undefined);
  const ids = wishes.filter((wish) => !knownOf(wish)).map(({ contactId }) => contactId);
  const found = ids.length > 0 ? await reading(() => findContactsById(deps.models.contacts, ids)) : [];
  const stored = new Map(found.map((contact) => [contact._id, contact]));
  return wishes.map((wish) => [wish, knownOf(wish) ?? stored.get(wish.contactId)]);
}

function draftOf(work: Work, wish: Wish, before: Contact | undefined): Draft | SavedContact {
  const { scope, deps } = work;
  // A repetition of this creation has finished it, and others may have changed the contact since.
  if (wish.blank && before && !before.blankUntil) return { outcome: 'UNCHANGED', contact: before };
  const isStored = before && !before.blankUntil && !before.isBeingErased;
  const isThere = before && (wish.blank ?? (isStored && isAnyInScope(scope, before.unitIds)));
  if (!isThere) return { code: 'NOT_FOUND', faults: [] };
  const isOld = wish.version !== undefined && before.version !== wish.version;
  const read = readDetails(work, wish.form, before);
  if (isOld && (!('code' in read) || read.code === 'IDENTITY_SHARED'))
    return { code: 'STALE', faults: [{ field: 'version', message: isStale }] };
  if ('code' in read) return read;
  return { wish, before, details: read.details, wanted: wantedAddresses(deps, read.details) };
}

async function insertBlanks({ deps, begun }: Work, drafts: readonly Draft[]): Promise<void> {
  const blanks = drafts.flatMap(({ wish: { blank } }) => (blank && !begun.has(blank._id) ? [blank] : []));
  if (blanks.length === 0) return;
  await writing(() =>
    deps.models.contacts.collection
      .insertMany(blanks as never[], { ordered: false })
      // A creation that was broken off has left its blank.
      .catch((error: unknown) => {
        if (!isOnlyDuplicates(error)) throw error;
      }),
  );
  for (const { _id } of blanks) begun.add(_id);
}

/** True where the addresses may be had a little later. */
function mustWait({ giveUpAt }: Work, wish: Wish, claims: readonly Claim[]): boolean {
  if (claims.some(({ kind }) => kind === 'TAKEN')) return false;
  if (!claims.some(({ kind }) => kind === 'BUSY')) return true;
  const now = performance.now();
  const until = giveUpAt.get(wish) ?? now + patienceMs;
  giveUpAt.set(wish, until);
  return now < until;
}

interface Write extends Draft {
  contact: Contact;
}

async function write({ deps, results }: Work, writes: readonly Write[]): Promise<void> {
  if (writes.length === 0) return;
  // Before the contacts: a save that breaks off here and is repeated notes what is new once more.
  await noteProperties(
    deps,
    writes.map(({ before, contact }) => ({ before, after: contact })),
  );
  const { modifiedCount } = await writing(() =>
    deps.models.contacts.collection.bulkWrite(writesOfSeveral(writes), { ordered: false }),
  );
  const written = modifiedCount === writes.length ? writes : await findWritten(deps, writes, modifiedCount);
  for (const { wish, before, contact: draft } of written) {
    const { blankUntil: _, ...contact } = draft;
    results.set(wish, { outcome: before.blankUntil ? 'CREATED' : 'CHANGED', contact });
  }
  await releaseAll(
    deps,
    written.flatMap(({ before, contact }) =>
      channels.flatMap((channel) => {
        const subscriberId = before.subscribers[channel];
        const isGivenUp = subscriberId !== null && subscriberId !== contact.subscribers[channel];
        return isGivenUp ? [{ contactId: contact._id, subscriberId }] : [];
      }),
    ),
  );
}

/** The answer to a bulk says how many were written, not which. */
async function findWritten(
  { models }: ContactDeps,
  writes: readonly Write[],
  modifiedCount: number,
): Promise<readonly Write[]> {
  if (modifiedCount === 0) return [];
  const ids = writes.map(({ contact }) => contact._id);
  const found = await reading(() => findContactsById(models.contacts, ids));
  const stored = new Map(found.map((contact) => [contact._id, contact]));
  return writes.filter(({ contact }) => {
    const now = stored.get(contact._id);
    if (!now) return false;
    const { facets, standings } = contact;
    const known = { ...now, facets, ...(standings ? { standings } : {}) };
    return now.version === contact.version && isSameContact(known, contact);
  });
}

/** The contact that has the address already, if the same person made it with the same details: the form was sent twice. */
function madeBefore({ scope }: Work, { wish: { blank }, details }: Draft, claims: readonly Claim[]) {
  const by = claims.flatMap((claim) => (claim.kind === 'TAKEN' ? [claim.by] : []))[0];
  if (!by || by.source !== blank?.source || by.createdBy !== blank.createdBy) return null;
  return isAnyInScope(scope, by.unitIds) && isDeepStrictEqual({ ...by, ...details }, by) ? by : null;
}

/** A refused contact keeps no claim that it does not list, and what was to be made is not there. */
async function forget({ deps, begun }: Work, refused: readonly Draft[]): Promise<void> {
  const { contacts } = deps.models;
  await releaseAll(
    deps,
    refused.flatMap(({ before, wanted }) =>
      wanted
        .filter(({ channel, subscriberId }) => before.subscribers[channel] !== subscriberId)
        .map(({ subscriberId }) => ({ contactId: before._id, subscriberId })),
    ),
  );
  const ids = refused.flatMap(({ before: { _id } }) => (begun.has(_id) ? [_id] : []));
  if (ids.length === 0) return;
  // A repeated creation may have finished the contact meanwhile.
  const blanks = (await reading(() => findContactsById(contacts, ids))).filter(
    ({ blankUntil }) => blankUntil,
  );
  const writes = blanks.map(({ _id, projection }) => ({
    deleteOne: { filter: { _id: _id as never, projection } },
  }));
  if (writes.length > 0) await writing(() => contacts.collection.bulkWrite(writes, { ordered: false }));
}

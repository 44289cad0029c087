/** Making and editing a contact. Its addresses are claimed first, then one conditional write says everything at once. */
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../../errors.js';
import { findContactById, markWith } from '../../models/contact.js';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { isAnyInScope, isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { SubscriberIds } from '../consent/address.js';
import { reading, writing } from '../consent/durability.js';
import { channels } from '../../vocabulary/terms.js';
import type { ActorKind, Catalogue, Channel } from '../../vocabulary/terms.js';
import { claimAddress } from './claims.js';
import type { Claim, WantedAddress } from './claims.js';
import { readContactForm } from './contact-form.js';
import type { ContactDetails, ContactFault, ContactForm } from './contact-form.js';
import { facetsOf } from './facets.js';
import { noteProperties } from './properties.js';
import { release } from './release.js';
import type { ClaimDeps } from './release.js';
import { displayName, keysOf, wordsOf } from './words.js';
import { getContact, isWhollyInScope } from './read.js';

export interface ContactDeps extends ClaimDeps {
  models: Pick<Models, 'subscribers' | 'contacts' | 'contactProperties'>;
  subscriberIds: SubscriberIds;
  catalogue: () => Promise<Catalogue>;
}

/** `isRepeat`: the same form came before, and nothing was changed. */
export type SavedContact = { contact: Contact; isRepeat?: true } | { faults: ContactFault[] };

/** What tells one contact from another. It is the same in every unit of the contact. */
export const identityFields = ['firstName', 'lastName', 'email', 'phone'] as const;
export const identityIsShared =
  'Only somebody who reaches all business units of this contact can change its name, e-mail or phone.';

const mostAttempts = 20;
const blankForMs = 24 * 3_600_000;

/**
 * Makes a contact. Where its addresses are known already, their preferences are met again as they were left.
 * @param input `by` is who makes it, as in events: kind and which user, import or key; its units lie within `scope`
 * @returns the contact, or everything that is wrong with the form; for a form that was sent twice, the contact that it made
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function createContact(
  deps: ContactDeps,
  { scope, form, by }: { scope: Scope; form: ContactForm; by: { kind: ActorKind; ref: string } },
): Promise<SavedContact> {
  const catalogue = await reading(() => deps.catalogue());
  const read = readContactForm(form, { catalogue, scope, unitsBeyond: [] });
  if ('faults' in read) return read;
  const contactId = randomBytes(12).toString('base64url');
  await insertBlank(deps, contactId, by);
  const saved = await save(deps, { contactId, scope, details: read.details, catalogue });
  if (!('faults' in saved)) return saved;
  await writing(() => deps.models.contacts.collection.deleteOne({ _id: contactId as never }));
  return (await madeBefore(deps, saved.faults, read.details, by)) ?? saved;
}

/** The contact that has the address already, where the same person made it with the very same details: the form was sent twice. */
async function madeBefore(
  deps: ContactDeps,
  faults: readonly ContactFault[],
  details: ContactDetails,
  by: { kind: ActorKind; ref: string },
): Promise<SavedContact | null> {
  const id = faults[0]?.contactId;
  const contact = id ? await reading(() => findContactById(deps.models.contacts, id)) : null;
  if (contact?.source !== by.kind || contact.createdBy !== by.ref) return null;
  return isDeepStrictEqual({ ...contact, ...details }, contact) ? { contact, isRepeat: true } : null;
}

/**
 * Edits a contact. An address that it gives up keeps its preferences. Name, e-mail and phone of a contact change only where `scope` reaches
 * all its units (decision 0510).
 * @param input `version` is that of the contact that the form was filled from
 * @throws DomainError `NOT_FOUND` where there is no such contact in the scope, `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function editContact(
  deps: ContactDeps,
  {
    contactId,
    scope,
    form,
    version,
  }: { contactId: string; scope: Scope; form: ContactForm; version?: number },
): Promise<SavedContact> {
  const catalogue = await reading(() => deps.catalogue());
  const { unitIds, properties } = await getContact(deps, { scope, contactId });
  const unitsBeyond = unitIds.filter((id) => !isInScope(scope, id));
  const read = readContactForm(form, { catalogue, scope, unitsBeyond, properties });
  if ('faults' in read) return read;
  return save(deps, {
    contactId,
    scope,
    details: read.details,
    catalogue,
    ...(version === undefined ? {} : { version }),
  });
}

interface Save {
  contactId: string;
  scope: Scope;
  details: ContactDetails;
  catalogue: Catalogue;
  version?: number;
}

async function save(
  deps: ContactDeps,
  { contactId, scope, details, catalogue, version }: Save,
): Promise<SavedContact> {
  const wanted = wantedAddresses(deps, details);
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const before = await reading(() => findContactById(deps.models.contacts, contactId));
    if (!before) throw new DomainError('NOT_FOUND', 'This contact was deleted meanwhile.');
    if (version !== undefined && before.version !== version)
      return {
        faults: [
          {
            field: 'version',
            message:
              'Somebody else changed this contact meanwhile. Look at it as it is now, then change it again.',
          },
        ],
      };
    if (!isWhollyInScope(scope, before)) {
      const [field] = identityFields.filter((name) => before[name] !== details[name]);
      if (field) return { faults: [{ field, message: identityIsShared }] };
    }
    const claims = await claimAll(deps, contactId, wanted);
    const faults = claims.flatMap((claim, at) => faultOf(claim, wanted[at], scope));
    if (faults.length > 0) {
      await releaseUnlisted(deps, before, wanted);
      return { faults: faults.filter(isFirstOfItsField) };
    }
    const heads = claims.flatMap((claim) => (claim.kind === 'MINE' ? [claim.head] : []));
    const { blankUntil: _, ...contact } = contactWith(before, details, heads, {
      catalogue,
      now: deps.clock(),
    });
    const { _id, ...fields } = contact;
    const outcome = await writing(() =>
      deps.models.contacts.collection.updateOne(
        { _id: _id as never, projection: before.projection },
        { $set: fields as never, $unset: { blankUntil: '' } },
      ),
    );
    if (outcome.matchedCount !== 1) continue;
    await releaseUnlisted(deps, contact, wantedAddresses(deps, before));
    await noteProperties(deps, before, contact);
    return { contact };
  }
  throw new DomainError(
    'DATABASE_AWAY',
    'This contact was being changed by others all the while; nothing was saved.',
  );
}

/** One after another, in the same order for everybody. */
async function claimAll(
  deps: ContactDeps,
  contactId: string,
  wanted: readonly WantedAddress[],
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const one of wanted) claims.push(await claimAddress(deps, contactId, one));
  return claims;
}

async function releaseUnlisted(
  deps: ContactDeps,
  contact: Contact,
  addresses: readonly WantedAddress[],
): Promise<void> {
  for (const { channel, subscriberId } of addresses)
    if (contact.subscribers[channel] !== subscriberId) await release(deps, contact._id, subscriberId);
}

/** The addresses of a contact by channel: a phone number is one in two. */
export function wantedAddresses(
  { subscriberIds }: { subscriberIds: SubscriberIds },
  { email, phone }: Pick<Contact, 'email' | 'phone'>,
): WantedAddress[] {
  const addressOf = (channel: Channel) => (channel === 'EMAIL' ? email : phone);
  return channels.flatMap((channel) => {
    const address = addressOf(channel);
    return address ? [{ channel, address, subscriberId: subscriberIds(channel, address) }] : [];
  });
}

function contactWith(
  before: Contact,
  details: ContactDetails,
  heads: readonly SubscriberHead[],
  { catalogue, now }: { catalogue: Catalogue; now: Date },
): Contact {
  const headOf = (channel: Channel) => heads.find((head) => head.channel === channel) ?? null;
  const decisions = { EMAIL: headOf('EMAIL'), SMS: headOf('SMS'), WHATSAPP: headOf('WHATSAPP') };
  const contact: Contact = {
    ...before,
    ...details,
    subscribers: {
      EMAIL: decisions.EMAIL?._id ?? null,
      SMS: decisions.SMS?._id ?? null,
      WHATSAPP: decisions.WHATSAPP?._id ?? null,
    },
    version: before.version + 1,
    projection: before.projection + 1,
    updatedAt: now,
    unpublished: markWith(before, {
      seq: before.version + 1,
      at: now,
      op: before.blankUntil ? 'CREATED' : 'CHANGED',
    }),
  };
  return {
    ...contact,
    ...keysOf(contact),
    words: wordsOf(contact),
    facets: facetsOf(contact, decisions, catalogue),
  };
}

async function insertBlank(
  { models, clock }: ContactDeps,
  contactId: string,
  by: { kind: ActorKind; ref: string },
): Promise<void> {
  const now = clock();
  const blank: Contact = {
    ...{ _id: contactId, firstName: '', lastName: '', email: null, phone: null, locale: null },
    ...{ properties: {}, processingBasis: null, unitIds: [], source: by.kind, createdBy: by.ref },
    ...{ subscribers: { EMAIL: null, SMS: null, WHATSAPP: null }, facets: [], words: [] },
    ...{ nameKey: '', emailKey: '', addedKey: '', version: 0, projection: 0, createdAt: now, updatedAt: now },
    // By the true time whatever `clock` says, since it is the database that takes it away.
    blankUntil: new Date(Date.now() + blankForMs),
  };
  await writing(() => models.contacts.collection.insertOne(blank as never));
}

function faultOf(claim: Claim, wanted: WantedAddress | undefined, scope: Scope): ContactFault[] {
  if (claim.kind === 'MINE' || !wanted) return [];
  const [field, what] =
    wanted.channel === 'EMAIL'
      ? (['email', 'e-mail address'] as const)
      : (['phone', 'phone number'] as const);
  if (claim.kind === 'BUSY')
    return [
      {
        field,
        message: `Somebody is saving a contact with this ${what} just now. Try again in half a minute.`,
      },
    ];
  const message = `There is a contact with this ${what} already`;
  // Of a contact outside the scope nothing is said: not its name, and not that it is of another unit.
  if (!isAnyInScope(scope, claim.by.unitIds)) return [{ field, message: `${message}.` }];
  const name = displayName(claim.by);
  return [{ field, message: `${message}${name ? `: ${name}` : ''}.`, contactId: claim.by._id }];
}

/** A phone number is refused for both its channels; once is enough. */
function isFirstOfItsField(fault: ContactFault, at: number, all: ContactFault[]): boolean {
  return all.findIndex(({ field }) => field === fault.field) === at;
}

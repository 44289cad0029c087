/** Declares the API of contacts. */
import { z } from 'zod';
import { cursorOrFault, pageIn } from '../../../cursor.js';
import { reading } from '../../../domain/consent/durability.js';
import { formOfContact, type ContactForm } from '../../../domain/contacts/contact-form.js';
import { deleteContact } from '../../../domain/contacts/delete.js';
import { findByEmails } from '../../../domain/contacts/numbers.js';
import { getContact } from '../../../domain/contacts/read.js';
import { createContact, editContact } from '../../../domain/contacts/save.js';
import { searchContacts } from '../../../domain/contacts/search.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { findContactById, type Contact } from '../../../models/contact.js';
import { locales } from '../../../vocabulary/locales.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { actorKinds, legalBases } from '../../../vocabulary/terms.js';
import { emptyForm } from '../hubspot/contact-changes.js';
import { catalogueOf } from '../hubspot/subscribers.js';
import { operation } from '../operation.js';
import { idParams, pageOf, pageQuery, time } from '../schemas.js';

const text = z.string().max(1000);
const properties = z.record(z.string().max(200), z.string().max(10_000).nullable());
const fields = z.strictObject({
  firstName: text.optional(),
  lastName: text.optional(),
  email: text.nullish(),
  phone: text.nullish(),
  language: z.enum(locales).nullish(),
  processingBasis: z.enum(legalBases).nullish(),
  businessUnitIds: z.array(z.int().min(0)).max(1000).optional(),
  properties: properties.optional().meta({ description: 'Null removes a value; others stay.' }),
});
export const contact = z
  .strictObject({
    ...{ id: z.string(), firstName: z.string(), lastName: z.string() },
    ...{ email: z.string().nullable(), phone: z.string().nullable(), language: z.string().nullable() },
    processingBasis: z.enum(legalBases).nullable(),
    businessUnitIds: z.array(z.int()).meta({ description: 'Those that the key reaches.' }),
    properties: z.record(z.string(), z.string()),
    isMarketing: z.boolean(),
    leavesMarketing: z.boolean().meta({
      description: 'Whether it becomes a non-marketing contact at the next update.',
    }),
    source: z.enum(actorKinds),
    ...{ version: z.int(), createdAt: time, updatedAt: time },
  })
  .meta({ id: 'Contact' });

const reads = { tag: 'Contacts', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Contacts', scopes: ['contacts.write'] } as const;

const pageCursor = z.object({ addedKey: z.string() });
const mostAttempts = 5;

export const ownContactOperations = [
  operation({
    ...{ ...reads, id: 'getContacts', method: 'GET', path: '/api/v1/contacts' },
    summary: 'Read contacts in the order of adding, or the one with an e-mail address',
    query: pageQuery.extend({ email: text.optional() }),
    answers: { 200: pageOf(contact) },
    run: async (deps, caller, { query: { email, limit, after } }) => {
      const { scope } = caller;
      if (email !== undefined) {
        const found = await findByEmails(deps, scope, [email]);
        return { body: { results: [...found.values()].map((one) => answerOf(caller, one)), after: null } };
      }
      const place = cursorOrFault('after', after, pageCursor);
      const { contacts } = await searchContacts(deps, {
        ...{ scope, search: '', sort: { addedKey: 1 }, skip: 0, limit: limit + 1, hasTotal: false },
        groups: place ? [{ conditions: [], also: [{ addedKey: { $gt: place.addedKey } }] }] : [],
      });
      const { page, next } = pageIn(contacts, limit, ({ addedKey }) => ({ addedKey }));
      return { body: { results: page.map((one) => answerOf(caller, one)), after: next } };
    },
  }),
  operation({
    ...{ ...reads, id: 'getContact', method: 'GET', path: '/api/v1/contacts/:id' },
    summary: 'Read one contact',
    params: idParams,
    answers: { 200: contact },
    run: async (deps, caller, { params }) => {
      const contact = await getContact(deps, { scope: caller.scope, contactId: params.id });
      return { body: answerOf(caller, contact) };
    },
  }),
  operation({
    ...{ ...writes, id: 'createContact', method: 'POST', path: '/api/v1/contacts' },
    summary: 'Create a contact',
    description: 'Preferences belong to the address: those that it has already stay.',
    body: fields.meta({ id: 'NewContact' }),
    answers: { 201: contact },
    faults: [409],
    /** A repeat gives the contact that the first one made. @throws DomainError `INVALID_FORM`; `CONFLICT` if a contact has the address */
    run: async (deps, caller, { body, callId }) => {
      const { scope, ref } = caller;
      const made = await reading(() => findContactById(deps.models.contacts, callId));
      if (made && !made.blankUntil) return { body: answerOf(caller, made) };
      const catalogue = await catalogueOf(deps, caller);
      const form = changed(emptyForm({ catalogue, scope }), body);
      const saved = await createContact(deps, { scope, form, by: { kind: 'API', ref }, id: callId });
      const contact = savedOf(saved);
      if ('outcome' in saved && saved.outcome === 'CREATED')
        await recordAudit(deps, { kind: 'CONTACT_CREATED', by: ref, about: `contact:${contact._id}` });
      return { body: answerOf(caller, contact) };
    },
  }),
  operation({
    ...{ ...writes, id: 'updateContact', method: 'PATCH', path: '/api/v1/contacts/:id' },
    summary: 'Change the given fields of a contact',
    params: idParams,
    body: fields
      .extend({
        version: z
          .int()
          .optional()
          .meta({ description: 'With it, a contact that somebody else has changed is refused with 409.' }),
      })
      .meta({ id: 'ContactChange' }),
    answers: { 200: contact },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` for an address of another contact, and for another version than the given one */
    run: async (deps, caller, { params: { id: contactId }, body }) => {
      const { scope, ref } = caller;
      for (let attempt = 1; ; attempt++) {
        const before = await getContact(deps, { scope, contactId });
        const own = before.unitIds.filter((id) => isInScope(scope, id));
        const form = changed({ ...formOfContact(before), unitIds: own }, body);
        const version = body.version ?? before.version;
        const saved = await editContact(deps, { scope, contactId, form, version });
        // Without a version, the last change wins.
        const isStale = 'code' in saved && saved.code === 'STALE';
        if (isStale && body.version === undefined && attempt < mostAttempts) continue;
        const contact = savedOf(saved);
        await recordAudit(deps, { kind: 'CONTACT_CHANGED', by: ref, about: `contact:${contactId}` });
        return { body: answerOf(caller, contact) };
      }
    },
  }),
  operation({
    ...{ ...writes, id: 'deleteContact', method: 'DELETE', path: '/api/v1/contacts/:id' },
    summary: 'Delete a contact',
    description: 'The preferences of its addresses stay.',
    params: idParams,
    answers: { 204: null },
    /** @throws DomainError `NOT_FOUND`; `NOT_PERMITTED` if the contact also belongs to units that the key does not reach */
    run: async (deps, { scope, ref }, { params: { id: contactId } }) => {
      await deleteContact(deps, { scope, contactId });
      await recordAudit(deps, { kind: 'CONTACT_DELETED', by: ref, about: `contact:${contactId}` });
      return {};
    },
  }),
];

/** The form with the given fields changed. */
function changed(before: ContactForm, given: z.output<typeof fields>): ContactForm {
  const { firstName, lastName, email, phone, language, processingBasis, businessUnitIds, properties } = given;
  const set = (value: string | null | undefined, old: string) => (value === undefined ? old : (value ?? ''));
  const values = Object.entries(properties ?? {}).map(([name, value]) => [name, value ?? '']);
  return {
    firstName: set(firstName, before.firstName),
    lastName: set(lastName, before.lastName),
    email: set(email, before.email),
    phone: set(phone, before.phone),
    locale: set(language, before.locale),
    processingBasis: set(processingBasis, before.processingBasis),
    unitIds: businessUnitIds ?? before.unitIds,
    properties: { ...before.properties, ...Object.fromEntries(values) },
  };
}

function savedOf(saved: Awaited<ReturnType<typeof createContact>>): Contact {
  if ('contact' in saved) return saved.contact;
  const message = saved.faults.map((fault) => `${fault.field}: ${fault.message}`).join(' ');
  if (saved.code === 'ADDRESS_BUSY') throw new DomainError('DATABASE_AWAY');
  const isConflict = saved.code === 'ADDRESS_TAKEN' || saved.code === 'STALE';
  throw new DomainError(isConflict ? 'CONFLICT' : 'INVALID_FORM', message);
}

export function answerOf({ scope }: ApiCaller, contact: Omit<Contact, 'words'>): object {
  const { _id: id, firstName, lastName, email, phone, locale, processingBasis, properties } = contact;
  const { isMarketing = true, leavesMarketingSince, source, version, createdAt, updatedAt } = contact;
  return {
    ...{ id, firstName, lastName, email, phone, language: locale, processingBasis, properties },
    businessUnitIds: contact.unitIds.filter((unitId) => isInScope(scope, unitId)),
    ...{ isMarketing, leavesMarketing: Boolean(leavesMarketingSince), source, version, createdAt, updatedAt },
  };
}

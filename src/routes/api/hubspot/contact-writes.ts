/** Writes contacts for HubSpot's API: create, update, archive, batches, and erasure. */
import type { Deps } from '../../../deps.js';
import { deleteContact } from '../../../domain/contacts/delete.js';
import { erasePerson } from '../../../domain/contacts/erase.js';
import { findByAddress } from '../../../domain/consent/merge-subscribers.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import type { Contact } from '../../../models/contact.js';
import type { Answer, Handler } from '../operation.js';
import { findRefs, getByRef, notFound, showContact, showContacts } from './contact-answers.js';
import type { Given } from './contact-changes.js';
import type { ContactUpdate, IdProperty } from './contact-shapes.js';
import { complete } from './envelope.js';
import { batchError } from './refuse.js';
import { saveAll, type Saved, type Wanted } from './save-contacts.js';

/** Nothing to say. HubSpot's answers have a type also then. */
const done: Answer = { status: 204, headers: { 'Content-Type': 'application/json' } };

/** Creates a contact. */
export const createContact: Handler<{ body: { properties: Given } }> = async (deps, caller, { body }) => {
  return { status: 201, body: await saveOne(deps, caller, { given: body.properties }) };
};

/** Changes a contact. */
export const updateContact: Handler<{
  params: { id: string };
  query: { idProperty?: IdProperty };
  body: { properties: Given };
}> = async (deps, caller, { params: { id }, query: { idProperty }, body }) => {
  const contact = await getByRef(deps, caller, id, idProperty);
  return { body: await saveOne(deps, caller, { given: body.properties, contact }) };
};

/** Deletes a contact; the preferences of its addresses stay. Repeating it changes nothing. */
export const archiveContact: Handler<{ params: { id: string } }> = async (
  deps,
  caller,
  { params: { id } },
) => {
  await remove(deps, caller, [id]);
  return done;
};

/** Deletes many contacts. */
export const archiveContacts: Handler<{ body: { inputs: readonly { id: string }[] } }> = async (
  deps,
  caller,
  { body: { inputs } },
) => {
  await remove(
    deps,
    caller,
    inputs.map(({ id }) => id),
  );
  return done;
};

/**
 * Erases a person, also one without a contact. Repeating it changes nothing.
 * @throws DomainError `NOT_PERMITTED` for a key of some business units, whether or not the person is known: it must not learn which addresses are
 */
export const eraseContact: Handler<{ body: { objectId: string; idProperty?: IdProperty } }> = async (
  deps,
  caller,
  { body: { objectId, idProperty } },
) => {
  const { ref, scope } = caller;
  if (scope !== null) throw new DomainError('NOT_PERMITTED', 'Erasing a person changes all business units.');
  const contact = (await findRefs(deps, caller, [objectId], idProperty)).get(objectId);
  const address = idProperty === 'email' ? addressOrNull('EMAIL', objectId) : null;
  const id = contact?._id ?? (address === null ? null : await subscriberOf(deps, address));
  if (id === null) return done;
  try {
    await erasePerson(deps, { id, actor: { kind: 'API', version: 4, ref, scope } });
    await recordAudit(deps, { kind: 'PERSON_ERASED', by: ref, about: `contact:${id}` });
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error;
  }
  return done;
};

/** The subscriber of an e-mail address, also one that an older release stored under another spelling; null if it is unknown. */
async function subscriberOf(deps: Deps, address: string): Promise<string | null> {
  const subscriberId = deps.subscriberIds('EMAIL', address);
  return (await findByAddress(deps, { channel: 'EMAIL', address, subscriberId }))?._id ?? null;
}

/** Creates many contacts. */
export const createContacts: Handler<{ body: { inputs: readonly { properties: Given }[] } }> = async (
  deps,
  caller,
  { body: { inputs } },
) => {
  const wanted = inputs.map(({ properties: given }) => ({ given }));
  const context = (at: number) => ({ email: [String(inputs[at]?.properties['email'] ?? '')] });
  return answerBatch(deps, caller, { wanted, context, status: 201 });
};

/** Changes many contacts. */
export const updateContacts: Handler<{ body: { inputs: readonly ContactUpdate[] } }> = async (
  deps,
  caller,
  { body: { inputs } },
) => {
  const found = await findInputs(deps, caller, inputs);
  const wanted = inputs.map((input) => {
    const contact = found(input);
    return contact ? { given: input.properties, contact } : { error: notFound(input.id) };
  });
  const context = (at: number) => ({ ids: [inputs[at]?.id ?? ''] });
  return answerBatch(deps, caller, { wanted, context, status: 200 });
};

/** Changes the contacts that exist, and creates the others. By e-mail address, the address need not be among the properties. */
export const upsertContacts: Handler<{ body: { inputs: readonly ContactUpdate[] } }> = async (
  deps,
  caller,
  { body: { inputs } },
) => {
  const found = await findInputs(deps, caller, inputs);
  const wanted = inputs.map((input) => {
    const contact = found(input);
    if (contact) return { given: input.properties, contact };
    if (input.idProperty !== 'email') return { error: notFound(input.id) };
    return { given: { email: input.id, ...input.properties } };
  });
  const context = (at: number) => ({ ids: [inputs[at]?.id ?? ''] });
  return answerBatch(deps, caller, { wanted, context, status: 200, isUpsert: true });
};

async function saveOne(deps: Deps, caller: ApiCaller, wanted: Wanted): Promise<object> {
  const [saved] = await saveAll(deps, caller, [wanted]);
  if (!saved || 'error' in saved) throw saved?.error;
  return showContact(deps, caller, saved.contact, Object.keys(wanted.given));
}

async function findInputs(deps: Deps, caller: ApiCaller, inputs: readonly ContactUpdate[]) {
  const refsBy = (wanted: IdProperty) =>
    inputs.flatMap(({ id, idProperty }) => ((idProperty === 'email') === (wanted === 'email') ? [id] : []));
  const byEmail = await findRefs(deps, caller, refsBy('email'), 'email');
  const byNumber = await findRefs(deps, caller, refsBy('hs_object_id'), 'hs_object_id');
  return ({ id, idProperty }: ContactUpdate): Contact | undefined =>
    (idProperty === 'email' ? byEmail : byNumber).get(id);
}

async function answerBatch(
  deps: Deps,
  caller: ApiCaller,
  batch: {
    wanted: readonly (Wanted | { error: unknown })[];
    /** Names the input in its error. */
    context: (at: number) => Record<string, string[]>;
    status: number;
    isUpsert?: boolean;
  },
): Promise<Answer> {
  const startedAt = deps.clock();
  const { wanted, context, status, isUpsert = false } = batch;
  const valid = wanted.flatMap((one) => ('error' in one ? [] : [one]));
  const saved = await saveAll(deps, caller, valid);
  const ofInput = new Map<object, Saved>(valid.flatMap((one, at) => (saved[at] ? [[one, saved[at]]] : [])));
  const errors: object[] = [];
  const saves = wanted.flatMap((one, at) => {
    const result = 'error' in one ? one : ofInput.get(one);
    if (result && 'contact' in result) return [result];
    errors.push(batchError(result?.error, context(at)));
    return [];
  });
  const names = [...new Set(valid.flatMap(({ given }) => Object.keys(given)))];
  const shown = await showContacts(
    deps,
    caller,
    saves.map(({ contact }) => contact),
    names,
  );
  const results = isUpsert ? shown.map((one, at) => ({ ...one, new: saves[at]?.isNew === true })) : shown;
  if (errors.length === 0) return { status, body: complete(deps, startedAt, results) };
  return { status: 207, body: complete(deps, startedAt, results, errors) };
}

async function remove(deps: Deps, caller: ApiCaller, refs: readonly string[]): Promise<void> {
  const found = await findRefs(deps, caller, refs, 'hs_object_id');
  for (const { _id: contactId } of found.values()) {
    await deleteContact(deps, { scope: caller.scope, contactId });
    await recordAudit(deps, { kind: 'CONTACT_DELETED', by: caller.ref, about: `contact:${contactId}` });
  }
}

/** The API of persons: everything that is kept about one, and erasure with its preview and its receipt. */
import type { Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import { findByAddress } from '../../domain/consent/merge-subscribers.js';
import { readAddress } from '../../domain/consent/read-address.js';
import { erasePerson } from '../../domain/contacts/erase.js';
import { findErasureReceipt, previewErasure } from '../../domain/contacts/erasure-receipt.js';
import { myData } from '../../domain/contacts/my-data.js';
import { recordAudit } from '../../domain/staff/audit.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import { channels } from '../../vocabulary/terms.js';
import { sendText } from '../send-text.js';

const personSchema = z.strictObject({
  address: z.string().min(1).max(400),
  channel: z.enum(channels).default('EMAIL'),
});
const erasureSchema = personSchema.extend({
  /** Says what would be deleted and kept, and erases nothing. */
  isPreview: z.boolean().default(false),
});

/** @throws DomainError `NOT_FOUND` for an unknown address, and for a key that is limited to some business units */
async function personOf(deps: Deps, { scope }: ApiCaller, person: unknown): Promise<string> {
  const read = personSchema.safeParse(person);
  if (!read.success)
    throw new DomainError('INVALID_FORM', 'Send an address, and its channel unless it is an e-mail address.');
  const { channel } = read.data;
  const address = readAddress(channel, read.data.address, await deps.catalogue());
  const subscriberId = deps.subscriberIds(channel, address);
  const head = scope === null ? await findByAddress(deps, { channel, address, subscriberId }) : null;
  if (!head) throw new DomainError('NOT_FOUND', 'Nothing is recorded of this address.');
  return head._id;
}

/** Sends everything that is kept about a person. The address is in the body, since a URL would be in the logs of proxies. */
export async function sendPersonData(
  deps: Deps,
  caller: ApiCaller,
  body: unknown,
  response: Response,
): Promise<void> {
  const id = await personOf(deps, caller, body);
  await recordAudit(deps, { kind: 'EXPORTED', by: caller.ref, about: `contact:${id}`, detail: 'my data' });
  response.type('json');
  await sendText(response, myData(deps, { id }));
}

/** Erases a person, or says what would be deleted and kept. @returns the preview, or the receipt */
export async function erase(deps: Deps, caller: ApiCaller, body: unknown): Promise<object | null> {
  const read = erasureSchema.safeParse(body);
  const { isPreview = false, ...person } = read.data ?? {};
  const id = await personOf(deps, caller, read.success ? person : undefined);
  if (isPreview) return previewErasure(deps, id);
  const actor = { kind: 'API', version: 4, ref: caller.ref, scope: null } as const;
  const erased = await erasePerson(deps, { id, actor });
  await recordAudit(deps, { kind: 'PERSON_ERASED', by: caller.ref, about: `contact:${id}` });
  return findErasureReceipt(deps, erased);
}

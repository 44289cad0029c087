/**
 * Normalises addresses that an older release stored as typed (Unicode NFC, no leading quotation mark), and merges duplicates: a step of the
 * migrations.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { findContactById, type Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { composedAddress, decomposedAddress } from '../consent/address.js';
import { reading, writing } from '../consent/durability.js';
import { mergeSubscriber, type KnownAddress, type MergeDeps } from '../consent/merge-subscribers.js';
import { addressOrNull } from '../consent/read-address.js';
import { claimAll } from './claims.js';
import { facet } from '../filters/facet.js';
import { refreshContacts } from './project.js';
import { keysOf, wordsOf } from './words.js';

export interface ComposeDeps extends MergeDeps {
  models: Pick<Models, 'subscribers' | 'contacts'>;
  /** Called for each contact that is about to lose its e-mail address, and again if an interrupted run is repeated. */
  onLoss?: (contactId: string) => Promise<void>;
}

/**
 * Merges the subscribers of composed and decomposed spellings, then normalises each contact's address. If two contacts have one address, the one that
 * the merged subscriber names keeps it. The other stays without an e-mail address. Repeating it changes nothing.
 * @returns ids of the contacts that lost their e-mail address to another
 */
export async function composeAddresses(deps: ComposeDeps): Promise<string[]> {
  for await (const { from, into } of spellings(deps)) await mergeSubscriber(deps, from, into);
  const without: string[] = [];
  for await (const { _id, email } of emailsOf(deps)) {
    if (email === null || presentForm(email) === email) continue;
    const address = presentForm(email);
    if (!(await respell(deps, _id, address))) without.push(_id);
  }
  return without;
}

/** If someone types or imports the stored address, this is the address that they mean. */
function presentForm(address: string): string {
  return addressOrNull('EMAIL', address) ?? composedAddress(address);
}

/** Pairs of subscribers that are one address. An erased one has no address, so it is found by the other spelling of a living one. */
async function* spellings(deps: ComposeDeps): AsyncGenerator<{ from: string; into: KnownAddress }> {
  const { subscribers } = deps.models;
  const rows = subscribers
    .find({ channel: 'EMAIL' }, { address: 1 })
    .lean<{ _id: string; address: string | null }[]>()
    .cursor();
  for await (const { _id, address } of rows) {
    if (address === null) continue;
    const composed = presentForm(address);
    const into = {
      channel: 'EMAIL' as const,
      address: composed,
      subscriberId: deps.subscriberIds('EMAIL', composed),
    };
    if (composed !== address) yield { from: _id, into };
    const decomposed = decomposedAddress('EMAIL', composed);
    if (decomposed !== null && decomposed !== address)
      yield { from: deps.subscriberIds('EMAIL', decomposed), into };
  }
}

function emailsOf({ models }: ComposeDeps) {
  return models.contacts.find({}, { email: 1 }).lean<Pick<Contact, '_id' | 'email'>[]>().cursor();
}

/** @returns false if another contact has the address, and this one now has none */
async function respell(deps: ComposeDeps, contactId: string, address: string): Promise<boolean> {
  const subscriberId = deps.subscriberIds('EMAIL', address);
  for (;;) {
    const contact = await reading(() => findContactById(deps.models.contacts, contactId));
    if (!contact) return true;
    const wanted = [{ channel: 'EMAIL' as const, address, subscriberId }];
    const ask = {
      contactId,
      wanted,
      listed: contact.subscribers,
      mayBeNonMarketing: contact.isMarketing === false,
      mayTake: true,
      isAlone: true,
    };
    const [[claim] = []] = await claimAll(deps, [ask]);
    if (claim?.kind !== 'MINE' && claim?.kind !== 'TAKEN') {
      await sleep(100);
      continue;
    }
    const isKept = claim.kind === 'MINE';
    if (!isKept) await deps.onLoss?.(contactId);
    const next = {
      ...contact,
      email: isKept ? address : null,
      subscribers: { ...contact.subscribers, EMAIL: isKept ? subscriberId : null },
    };
    const { email, subscribers } = next;
    // Its facets of this address are removed too: nothing refreshes a contact without an address.
    const facets = contact.facets.filter((one) => isKept || !isOfEmail(one));
    const fields = { email, subscribers, facets, ...keysOf(next), words: wordsOf(next) };
    const outcome = await writing(() =>
      deps.models.contacts.collection.updateOne(
        { _id: contactId as never, projection: contact.projection },
        { $set: fields, $inc: { version: 1, projection: 1 } },
      ),
    );
    if (outcome.matchedCount !== 1) continue;
    await refreshContacts(deps, [contactId]);
    return isKept;
  }
}

const isOfEmail = (one: string) => one === facet.channel('EMAIL') || one.startsWith('EMAIL:');

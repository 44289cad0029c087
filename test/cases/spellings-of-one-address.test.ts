/** An address that an older release stored in two spellings, composed and decomposed, is one: opt-outs of either are kept, and every link works. Long: one world for all tests. */
import { cursorIn, cursorText } from '../../src/cursor.js';
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import { maySend } from '../../src/domain/marketing/may-send.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import { effectiveStatus } from '../../src/domain/consent/effective.js';
import { faultsOfHistory, readHistory } from '../../src/domain/consent/history.js';
import { eventPlace, readEvents, readEventsPage } from '../../src/domain/consent/newest-events.js';
import type { EventPlace } from '../../src/domain/consent/newest-events.js';
import type { Actor, SubscriptionType, Wish } from '../../src/vocabulary/terms.js';
import { composeAddresses } from '../../src/domain/contacts/compose-addresses.js';
import { erasePerson } from '../../src/domain/contacts/erase.js';
import { findContacts } from '../../src/domain/contacts/find.js';
import { wholeIndex } from '../../src/domain/contacts/selection.js';
import { mintLink } from '../../src/domain/links/mint-links.js';
import { composeUserAddresses, createUser } from '../../src/domain/staff/users.js';
import { migrate } from '../../src/migrations.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { findSubscriber } from '../../src/models/find-subscribers.js';
import { openTestPortal } from '../support/app.js';
import { contactIn } from '../support/contacts.js';
import { keyOfTheTests } from '../support/kept-log.js';
import { fjell, northwind, productNews, trailNotes, weekendLetters } from '../support/people.js';
import { signedIn } from '../support/staff.js';
import { visitorOf } from '../support/visitor.js';

const portal = await openTestPortal();

const contact: Actor = { kind: 'CONTACT', isLinkFresh: true, ref: 'preferences link' };
const out: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
const yes = (typeId: number): Wish => ({ kind: 'OPT_IN', typeId });

let number = 0;
/** An address as it is compared now, as an older release stored it, and the ids of both. */
function spellings() {
  const composed = `müller-${++number}@example.com`;
  const decomposed = composed.normalize('NFD');
  const idOf = (address: string) => portal.deps.subscriberIds('EMAIL', address);
  return { composed, decomposed, id: idOf(composed), oldId: idOf(decomposed) };
}
const known = (subscriberId: string, address: string) =>
  portal.deps.models.subscribers.create(newSubscriber(subscriberId, 'EMAIL', address, portal.deps.clock()));
const act = (subscriberId: string, ...wishes: Wish[]) =>
  changeConsent(portal.deps, { subscriberId, channel: 'EMAIL', actor: contact, wishes });
const statusOf = async (subscriberId: string, type: SubscriptionType) => {
  const head = await findSubscriber(portal.deps.models.subscribers, subscriberId);
  return head ? effectiveStatus(head, type).status : null;
};
const faults = async (subscriberId: string) => {
  const history = await readHistory(portal.deps.models, subscriberId);
  return history ? faultsOfHistory(history) : ['there is no history'];
};
/** A link as the older release minted it. */
const oldLink = async (kind: 'preferences' | 'unsubscribe', subscriberId: string) =>
  portal.deps.tokens.mint(
    kind,
    { subscriberId, unitId: northwind.id, typeId: trailNotes.id, epoch: 0 },
    new Date(),
  );

describe('an address stored in both spellings', () => {
  it.each(['composed', 'decomposed'] as const)('stays opted out where the %s one was', async (which) => {
    const { composed, decomposed, id, oldId } = spellings();
    await known(id, composed);
    await known(oldId, decomposed);
    await act(id, which === 'composed' ? out : yes(trailNotes.id), yes(productNews.id));
    await act(oldId, which === 'composed' ? yes(trailNotes.id) : out);
    const before = [
      ...(await readEvents(portal.deps.models, id)),
      ...(await readEvents(portal.deps.models, oldId)),
    ];
    await composeAddresses(portal.deps);
    for (const one of [id, oldId]) {
      expect(await statusOf(one, trailNotes)).toBe('UNSUBSCRIBED');
      expect(await statusOf(one, productNews)).toBe('SUBSCRIBED');
      expect(await faults(one)).toEqual([]);
    }
    const hashes = (await readEvents(portal.deps.models, id)).map(({ hash }) => hash);
    expect(new Set(hashes)).toEqual(new Set(before.map(({ hash }) => hash)));
    // The pages together give the same.
    const paged: string[] = [];
    for (let place: EventPlace | null = null, pages = 0; pages === 0 || place; pages++) {
      const page = await readEventsPage(portal.deps.models, { subscriberIds: [id], before: place }, 1);
      paged.push(...page.events.map(({ hash }) => hash));
      place = page.next && cursorIn(cursorText(page.next), eventPlace);
    }
    expect(paged.reverse()).toEqual(hashes);
    const after = await readHistory(portal.deps.models, id);
    await composeAddresses(portal.deps);
    expect(await readHistory(portal.deps.models, id)).toEqual(after);
  });

  it('keeps an opt-out that arrives by the old id during the merge', async () => {
    const { decomposed, id, oldId } = spellings();
    await known(oldId, decomposed);
    await Promise.all([composeAddresses(portal.deps), act(oldId, out), composeAddresses(portal.deps)]);
    expect(await statusOf(id, trailNotes)).toBe('UNSUBSCRIBED');
    expect(await faults(id)).toEqual([]);
  });

  it.each(['composed', 'decomposed'] as const)(
    'is opted in by no workflow where an opt-out of the %s one has ended',
    async (which) => {
      const { composed, decomposed, id, oldId } = spellings();
      await known(id, composed);
      await known(oldId, decomposed);
      const circumstances = { explanation: 'Asked at the desk.', legalBasis: 'CONSENT_WITH_NOTICE' } as const;
      const by = (subscriberId: string, actor: Actor, wish: Wish) =>
        changeConsent(portal.deps, {
          ...{ subscriberId, channel: 'EMAIL', actor, wishes: [wish], circumstances },
        });
      const staff: Actor = { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null };
      const optedOut = which === 'composed' ? id : oldId;
      await by(optedOut, staff, out);
      await by(optedOut, staff, { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id });
      await composeAddresses(portal.deps);
      expect(await statusOf(id, trailNotes)).toBe('NOT_SPECIFIED');
      const workflow: Actor = { kind: 'WORKFLOW', ref: 'workflow:w:c:once', scope: null };
      for (const one of [id, oldId])
        expect((await by(one, workflow, yes(trailNotes.id))).outcomes).toMatchObject([
          { result: 'REFUSED', code: 'PREVIOUSLY_OPTED_OUT' },
        ]);
      expect(await faults(id)).toEqual([]);
    },
  );

  it('is erased in both spellings', async () => {
    const { composed, decomposed, id, oldId } = spellings();
    const { _id } = await contactIn(portal, { email: composed });
    await known(oldId, decomposed);
    const circumstances = { explanation: 'Called on Monday.', legalBasis: 'CONSENT_WITH_NOTICE' } as const;
    const staff: Actor = { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null };
    await changeConsent(portal.deps, {
      ...{ subscriberId: oldId, channel: 'EMAIL', actor: staff, wishes: [out], circumstances },
    });
    await composeAddresses(portal.deps);
    await erasePerson(portal.deps, { id: _id, actor: staff });
    const { subscribers } = portal.deps.models;
    const kept = [await subscribers.findById(id).lean(), await subscribers.findById(oldId).lean()];
    expect(JSON.stringify(kept)).not.toMatch(/Monday|ller/);
    for (const one of [id, oldId]) expect(await faults(one)).toEqual([]);
  });
});

describe('links minted for the old id', () => {
  it('open the page of the address and opt it out, also by one-click', async () => {
    const { composed, decomposed, id, oldId } = spellings();
    await known(oldId, decomposed);
    await act(oldId, yes(trailNotes.id), yes(weekendLetters.id));
    await composeAddresses(portal.deps);
    const page = await visitorOf(portal).open(`/p/${await oldLink('preferences', oldId)}`);
    expect(page.text).toContain(`m••••@${composed.split('@')[1]}`);
    const answer = await visitorOf(portal).ask('POST', `/o/${await oldLink('unsubscribe', oldId)}`);
    expect(answer.status).toBe(200);
    expect(await statusOf(id, trailNotes)).toBe('UNSUBSCRIBED');
    await act(oldId, { kind: 'OPT_OUT_OF_ALL', unitId: fjell.id });
    expect(await statusOf(id, weekendLetters)).toBe('UNSUBSCRIBED');
    expect(await faults(id)).toEqual([]);
  });
});

it('a confirmation mailed for the old id opts in', async () => {
  const { decomposed, id, oldId } = spellings();
  await known(oldId, decomposed);
  await act(oldId, yes(weekendLetters.id));
  const [waiting] = (await findSubscriber(portal.deps.models.subscribers, oldId))?.pending ?? [];
  await composeAddresses(portal.deps);
  await act(oldId, { kind: 'CONFIRM', pendingId: waiting?.id ?? '' });
  expect(await statusOf(id, weekendLetters)).toBe('SUBSCRIBED');
});

describe('an address erased in its decomposed spelling', () => {
  const erased = async () => {
    const one = spellings();
    await known(one.oldId, one.decomposed);
    await act(one.oldId, yes(trailNotes.id));
    await act(one.oldId, { kind: 'ERASE' });
    return one;
  };
  const question = (address: string) =>
    maySend(portal.deps, { address, typeId: trailNotes.id, purpose: 'MARKETING' });

  it('is still opted out for may-send, and asking does not restore the address', async () => {
    const { composed, id } = await erased();
    expect(await question(composed)).toMatchObject({ isEligible: false });
    expect(await findSubscriber(portal.deps.models.subscribers, id)).toMatchObject({ address: null });
    expect(await faults(id)).toEqual([]);
  });

  it('is still opted out when a link is minted or a contact is created with it', async () => {
    for (const come of ['link', 'contact']) {
      const { composed, decomposed, id } = await erased();
      if (come === 'link') await mintLink(portal.deps, { address: decomposed, unitId: northwind.id });
      else await contactIn(portal, { email: composed });
      expect(await findSubscriber(portal.deps.models.subscribers, id)).toMatchObject({ address: composed });
      expect(await statusOf(id, trailNotes)).toBe('UNSUBSCRIBED');
      expect(await faults(id)).toEqual([]);
    }
  });

  it('is found by the migration where the composed one is stored', async () => {
    const { composed, id } = await erased();
    await known(id, composed);
    await composeAddresses(portal.deps);
    expect(await question(composed)).toMatchObject({ isEligible: false });
    expect(await findSubscriber(portal.deps.models.subscribers, id)).toMatchObject({ address: composed });
  });
});

describe('a contact with a decomposed address', () => {
  /** As an older release created it: address and id decomposed. */
  const older = async (firstName: string) => {
    const one = spellings();
    const made = await contactIn(portal, { firstName, email: `older-${number}@example.com` });
    const { models } = portal.deps;
    await known(one.oldId, one.decomposed);
    await models.subscribers.updateOne(
      { _id: one.oldId },
      { $set: { contactId: made._id, claimedAt: new Date(0), mayBeNonMarketing: true } },
    );
    await models.contacts.updateOne(
      { _id: made._id },
      { $set: { email: one.decomposed, 'subscribers.EMAIL': one.oldId } },
    );
    await act(one.oldId, out);
    return { ...one, contactId: made._id };
  };
  const idsBy = async (search: string) => {
    const view = { ...wholeIndex, scope: null, search, cursor: null };
    return (await findContacts(portal.deps, view)).contacts.map(({ _id }) => _id);
  };

  it('gets the composed address with its opt-outs, and is found by it', async () => {
    const { composed, id, contactId } = await older('Kim');
    expect(await composeAddresses(portal.deps)).toEqual([]);
    const after = await portal.deps.models.contacts.findById(contactId).lean();
    expect(after).toMatchObject({ email: composed, subscribers: { EMAIL: id } });
    expect(after?.facets).toContain(`EMAIL:${trailNotes.id}:UNSUBSCRIBED`);
    expect(await findSubscriber(portal.deps.models.subscribers, id)).toMatchObject({
      ...{ contactId, mayBeNonMarketing: true },
    });
    expect(await idsBy(composed)).toEqual([contactId]);
  });

  it('loses the address where another contact has it composed; the other has the opt-outs of both', async () => {
    const { composed, id, contactId } = await older('Kim');
    const other = await contactIn(portal, { firstName: 'Kim', email: composed });
    expect(await composeAddresses(portal.deps)).toEqual([contactId]);
    const { contacts } = portal.deps.models;
    expect(await contacts.findById(contactId).lean()).toMatchObject({
      email: null,
      subscribers: { EMAIL: null },
    });
    const { facets } = (await contacts.findById(contactId).lean()) ?? { facets: [] };
    expect(facets.filter((one) => one.startsWith('EMAIL'))).toEqual([]);
    const kept = await contacts.findById(other._id).lean();
    expect(kept).toMatchObject({ email: composed, subscribers: { EMAIL: id } });
    expect(kept?.facets).toContain(`EMAIL:${trailNotes.id}:UNSUBSCRIBED`);
    const admin = await signedIn(portal, 'admin');
    expect((await admin.open(adminPaths.contact(contactId))).status).toBe(200);
    expect(await composeAddresses(portal.deps)).toEqual([]);
  });

  it('is reported by the migration, by its id, where it lost the address', async () => {
    const { composed, contactId } = await older('Kim');
    await contactIn(portal, { firstName: 'Kim', email: composed });
    const { models, connection } = portal.deps;
    await models.settings.updateOne({ _id: 'schema' }, { $set: { value: 6 } });
    const said: string[] = [];
    let isKilled = true;
    const say = (sentence: string) => {
      said.push(sentence);
      // As if the process crashed right after the report.
      if (isKilled && sentence.includes(contactId)) throw new Error('killed');
    };
    const run = (subscriberIdKey: string) => migrate({ models, connection, subscriberIdKey, say });
    await expect(run('another key')).rejects.toMatchObject({ code: 'WRONG_SUBSCRIBER_KEY' });
    await expect(run(keyOfTheTests)).rejects.toThrow('killed');
    expect(await models.auditEntries.countDocuments({ about: `contact:${contactId}` })).toBe(1);
    expect(await models.contacts.findById(contactId).lean()).not.toMatchObject({ email: null });
    isKilled = false;
    await run(keyOfTheTests);
    expect(said.join('\n')).toContain(contactId);
    expect(said.join('\n')).not.toMatch(/ller|@/);
    expect(await models.contacts.findById(contactId).lean()).toMatchObject({ email: null });
  });
});

it('a staff account with a decomposed address signs in with either spelling', async () => {
  const user = await createUser(portal.deps, {
    email: 'jörg@staff.example',
    name: 'Jörg',
    role: 'support',
    scope: null,
  });
  await portal.deps.models.users.updateOne(
    { _id: user._id },
    { $set: { email: user.email.normalize('NFD') } },
  );
  await composeUserAddresses(portal.deps.models);
  expect(await portal.deps.models.users.findById(user._id).lean()).toMatchObject({
    email: 'jörg@staff.example',
  });
});

/** A contact's facets follow the decisions of its addresses: usually at once, and always in the end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { changeConsentInBulk } from '../../../src/domain/consent/change-in-bulk.js';
import type { channels } from '../../../src/vocabulary/terms.js';
import type { Wish } from '../../../src/vocabulary/terms.js';
import { deleteContact } from '../../../src/domain/contacts/delete.js';
import { facetsOf, standingsOf } from '../../../src/domain/contacts/facets.js';
import { facet } from '../../../src/domain/filters/facet.js';
import { refreshContacts } from '../../../src/domain/contacts/project.js';
import { createContact, editContact } from '../../../src/domain/contacts/save.js';
import type { ContactDeps } from '../../../src/domain/contacts/save-passes.js';
import { createBackground } from '../../../src/background.js';
import { drainFeed } from '../../../src/feed/run.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import { blankForm, staff } from '../../support/contact-room.js';
import { openFeedRoom } from '../../support/feed-room.js';
import { actors, given, worldWith } from '../../support/judge.js';
import { crashing, heldUp } from '../../support/crashing.js';
import { guestSurvey, northwind, offers, trailNotes } from '../../support/people.js';
import { runs } from '../../support/soak.js';

const room = await openFeedRoom();

let number = 0;
const somebodyNew = () => `follower-${++number}@example.com`;
const subscriber = (id: string | null) => findSubscriber(room.models.subscribers, id ?? '');
/** Refreshes the contact that has an address. */
async function project(deps: ContactDeps, subscriberId: string): Promise<void> {
  const head = await subscriber(subscriberId);
  if (head?.contactId) await refreshContacts(deps, [head.contactId]);
}
const optOut: Wish = { kind: 'OPT_OUT', typeId: trailNotes.id };
const optedOut = facet.status('EMAIL', trailNotes.id, 'UNSUBSCRIBED');

/** The facets as the state implies them, and as they are stored. */
async function facetsOfTruth(contactId: string) {
  const contact = await room.stored(contactId);
  if (!contact) throw new Error('there is no such contact');
  const headOf = async (channel: (typeof channels)[number]) => {
    const head = contact.subscribers[channel] ? await subscriber(contact.subscribers[channel]) : null;
    return head?.contactId === contactId ? head : null;
  };
  const decisions = {
    EMAIL: await headOf('EMAIL'),
    SMS: await headOf('SMS'),
    WHATSAPP: await headOf('WHATSAPP'),
  };
  return {
    facets: contact.facets,
    truth: facetsOf(contact, decisions, await room.contacts.catalogue()),
    standings: contact.standings,
    decisions,
  };
}

describe('facets', () => {
  it('follow an act of the contact, after the answer', async () => {
    const email = somebodyNew();
    const contact = await room.contact({ email });
    const background = createBackground();
    await changeConsent(
      {
        ...room.deps,
        background: background.add,
        refreshContacts: (ids) => refreshContacts(room.contacts, ids),
      },
      { subscriberId: room.idOf(email), channel: 'EMAIL', actor: actors.oneClick, wishes: [optOut] },
    );
    await background.settle(5000);
    expect((await room.stored(contact._id))?.facets).toContain(optedOut);
  });

  it('follow by the change feed when the process stopped in between', async () => {
    const email = somebodyNew();
    const contact = await room.contact({ email, phone: '+4790000100' });
    await room.act(room.idOf(email), actors.freshContact, optOut);
    await room.act(contact.subscribers.SMS ?? '', actors.staff, { kind: 'OPT_OUT', typeId: guestSurvey.id });
    expect((await room.stored(contact._id))?.facets).not.toContain(optedOut);
    await drainFeed(room.feed);
    expect((await room.stored(contact._id))?.facets).toContain(optedOut);
    expect((await room.stored(contact._id))?.facets).toContain(
      facet.status('SMS', guestSurvey.id, 'UNSUBSCRIBED'),
    );
  });

  it('follow a bulk change before its answer', async () => {
    const made = await Promise.all([1, 2, 3].map(() => room.contact({ email: somebodyNew() })));
    const inputs = made.map(({ subscribers }) => ({
      subscriberId: subscribers.EMAIL ?? '',
      channel: 'EMAIL' as const,
      actor: actors.bulkStaff,
      wishes: [optOut],
    }));
    await changeConsentInBulk(
      { ...room.deps, refreshContacts: (ids) => refreshContacts(room.contacts, ids) },
      inputs,
    );
    for (const { _id } of made) expect((await room.stored(_id))?.facets).toContain(optedOut);
  });

  it('follow the catalogue when all are refreshed', async () => {
    const contact = await room.contact({ email: somebodyNew() });
    const before = worldWith();
    room.setCatalogue({ ...before, orderedTypes: before.orderedTypes.filter(({ id }) => id !== offers.id) });
    await refreshContacts(room.contacts, [contact._id]);
    expect((await room.stored(contact._id))?.facets).not.toContain(
      facet.status('EMAIL', offers.id, 'NOT_SPECIFIED'),
    );
    room.setCatalogue(before);
    await refreshContacts(room.contacts, [contact._id]);
    expect((await room.stored(contact._id))?.facets).toEqual(contact.facets);
  });
});

describe('facets that are being rewritten', () => {
  /** Has a contact act right before the first write of this kind. */
  const overtakenAt = (write: string, act: () => Promise<unknown>): ContactDeps => {
    let isOver = false;
    const models = heldUp(room.models, async (one) => {
      if (one !== write || isOver) return;
      isOver = true;
      await act();
    });
    return { ...room.contacts, models };
  };
  const subscribed = facet.status('EMAIL', trailNotes.id, 'SUBSCRIBED');

  it.each([true, false])(
    'never hide an act made right before the write, whether its writer refreshes them: %s',
    async (isFollowed) => {
      const email = somebodyNew();
      const id = room.idOf(email);
      const contact = await room.contact({ email });
      await room.act(id, actors.freshContact, optOut);
      const deps = overtakenAt('contacts.bulkWrite', async () => {
        await room.act(id, actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id });
        if (isFollowed) await project(room.contacts, id);
      });
      await project(deps, id);
      if (!isFollowed) await drainFeed(room.feed);
      expect((await room.stored(contact._id))?.facets).toContain(subscribed);
    },
  );

  it('keep a contact’s edit', async () => {
    const email = somebodyNew();
    const contact = await room.contact({ email });
    await room.act(room.idOf(email), actors.freshContact, optOut);
    const deps = overtakenAt('contacts.bulkWrite', () => room.edit(contact, { locale: 'nb' }));
    await project(deps, room.idOf(email));
    expect((await room.stored(contact._id))?.facets).toEqual(
      expect.arrayContaining([optedOut, facet.locale('nb')]),
    );
  });
});

describe('erasing an address', () => {
  it('also deletes its contact, and keeps what was decided', async () => {
    const email = somebodyNew();
    const contact = await room.contact({ email, phone: '+4790000101', firstName: 'Gone' });
    await room.act(room.idOf(email), actors.freshContact, { kind: 'ERASE' });
    await project(room.contacts, room.idOf(email));
    expect(await room.stored(contact._id)).toBeNull();
    expect(await subscriber(room.idOf(email))).toMatchObject({ address: null, contactId: null });
    expect((await subscriber(contact.subscribers.SMS))?.contactId).toBeNull();
    const again = await room.contact({ email });
    expect(again.facets).toContain(facet.outOfAll('EMAIL'));
  });
});

/** One random act. `fuse` is the number of contact writes after which the process crashes, where it does. */
interface Step {
  act: 'CONSENT' | 'EDIT' | 'CREATE' | 'DELETE' | 'PROJECT' | 'FEED';
  who: number;
  address: number;
  wish: Wish;
  fuse: number | null;
}

const wish = fc.constantFrom<Wish[]>(
  optOut,
  { kind: 'OPT_IN', typeId: offers.id },
  { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
  { kind: 'OPT_OUT_OF_ALL', unitId: null },
  { kind: 'LIFT_OPT_OUT_OF_ALL', unitId: null },
  { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id },
);
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom<Step['act'][]>(
    'CONSENT',
    'CONSENT',
    'CONSENT',
    'EDIT',
    'EDIT',
    'CREATE',
    'DELETE',
    'PROJECT',
    'FEED',
  ),
  who: fc.nat(1),
  address: fc.nat(2),
  wish,
  fuse: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3 }),
});

describe('after any interruption', () => {
  it('the change feed leaves correct facets, and no address with two contacts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
        async (lanes) => {
          await room.models.contacts.deleteMany({});
          await room.models.subscribers.deleteMany({});
          const emails = [somebodyNew(), somebodyNew(), somebodyNew()];
          const people: string[] = [];
          const perform = async ({ act, who, address, wish: wanted, fuse }: Step) => {
            const deps: ContactDeps =
              fuse === null ? room.contacts : { ...room.contacts, models: crashing(room.models, fuse) };
            const contactId = people[who] ?? '';
            const form = { ...blankForm, email: emails[address] ?? '', properties: { Step: String(number) } };
            if (act === 'CONSENT') {
              const projectNow =
                fuse === null ? { refreshContacts: (ids: string[]) => refreshContacts(deps, ids) } : {};
              await changeConsent(
                { ...room.deps, ...projectNow },
                {
                  subscriberId: room.idOf(form.email),
                  channel: 'EMAIL',
                  actor: actors.staff,
                  wishes: [wanted],
                  circumstances: given,
                },
              );
            }
            if (act === 'CREATE') {
              const saved = await createContact(deps, { scope: null, form, by: staff });
              if ('contact' in saved) people.push(saved.contact._id);
            }
            if (act === 'EDIT') await editContact(deps, { scope: null, contactId, form });
            if (act === 'DELETE') await deleteContact(deps, { scope: null, contactId });
            if (act === 'PROJECT') await project(deps, room.idOf(form.email));
            if (act === 'FEED')
              await drainFeed({ ...room.feed, ...deps, models: { ...room.models, ...deps.models } });
          };
          await Promise.all(
            // A crash, or a deleted contact, ends only that act.
            lanes.map(async (lane) => {
              for (const one of lane) await perform(one).catch(() => undefined);
            }),
          );
          room.setTime(new Date(room.contacts.clock().getTime() + 60_000));
          await drainFeed(room.feed);
          const contacts = await room.models.contacts.find({}).lean();
          const ready = contacts.filter(({ blankUntil }) => !blankUntil);
          expect(contacts.filter(({ isDeleted, unpublished }) => isDeleted ?? unpublished)).toEqual([]);
          for (const { _id } of ready) {
            const { facets, truth, standings, decisions } = await facetsOfTruth(_id);
            expect(facets).toEqual(truth);
            expect(standings).toEqual(standingsOf(decisions));
            expect(decisions.EMAIL, 'each lists only what it has claimed').not.toBeNull();
          }
          const addresses = ready.map(({ email }) => email);
          expect(new Set(addresses).size).toBe(addresses.length);
        },
      ),
      runs(40, { limitMs: 20_000 }),
    );
  });
});

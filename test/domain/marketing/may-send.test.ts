/** Eligibility reads the contact only of marked addresses. No sequence of acts, also concurrent or killed ones, leaves an address without its mark. */
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { createContact, editContact } from '../../../src/domain/contacts/save.js';
import { maySend } from '../../../src/domain/marketing/may-send.js';
import { markNonMarketing, setMarketingStatus, updateBatch } from '../../../src/domain/marketing/status.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Models } from '../../../src/models/index.js';
import { openBulkRoom } from '../../support/bulk-room.js';
import { blankForm, formOf, staff } from '../../support/contact-room.js';
import { crashing, heldUp } from '../../support/crashing.js';
import { northwind, trailNotes, types, units } from '../../support/people.js';
import { runs } from '../../support/soak.js';

const room = await openBulkRoom();
beforeEach(() => room.reset());

const addresses = ['a', 'b', 'c'].map((name) => `${name}@example.com`);
const worldOf = (nonMarketingSources: 'STAFF'[]) =>
  room.setCatalogue(catalogueOf([...units], [...types], false, { nonMarketingSources }));
let minutes = 0;

/** Numbers choose a contact and an address; a killed act stops before its write with this number. */
const act = fc.record({
  kind: fc.constantFrom(
    'CREATE' as const,
    'EDIT' as const,
    'SET' as const,
    'SET' as const,
    'UPDATE' as const,
  ),
  contact: fc.nat(3),
  address: fc.nat(addresses.length),
  isMarketing: fc.boolean(),
  killedAt: fc.option(fc.nat(3), { nil: null, freq: 3 }),
});
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

async function perform({ kind, contact: at, address, isMarketing, killedAt }: Act): Promise<void> {
  const models: Models = killedAt === null ? room.models : crashing(room.models, killedAt);
  const deps = { ...room.contacts, models };
  const all = await room.models.contacts.find({ blankUntil: null }).sort({ _id: 1 }).lean<Contact[]>();
  const contact = all[at % Math.max(1, all.length)];
  const email = addresses[address] ?? '';
  if (kind === 'CREATE')
    await createContact(deps, {
      scope: null,
      form: { ...blankForm, email, unitIds: [northwind.id] },
      by: staff,
    });
  else if (kind === 'UPDATE')
    while ((await updateBatch(deps, { before: new Date(8e14), guard: () => undefined })) > 0);
  else if (!contact) return;
  else if (kind === 'EDIT')
    await editContact(deps, { scope: null, contactId: contact._id, form: { ...formOf(contact), email } });
  else await setMarketingStatus(deps, { contactIds: [contact._id], isMarketing, scope: null });
}

/** What eligibility must say of each address that a contact has. */
async function expectTruth(): Promise<number> {
  let nonMarketing = 0;
  for (const contact of await room.models.contacts.find({ blankUntil: null }).lean<Contact[]>()) {
    if (contact.email === null) continue;
    const { rule } = await maySend(room.contacts, { address: contact.email, typeId: trailNotes.id });
    expect(rule === 'NOT_A_MARKETING_CONTACT', contact.email).toBe(contact.isMarketing === false);
    if (contact.isMarketing === false) nonMarketing += 1;
  }
  return nonMarketing;
}

it('answers as the contact says, after any acts that are concurrent or killed', async () => {
  let nonMarketing = 0;
  const step = fc.tuple(fc.boolean(), fc.array(act, { minLength: 1, maxLength: 2 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
      await room.reset();
      for (const [isDefault, acts] of steps) {
        worldOf(isDefault ? [] : ['STAFF']);
        // Claims of killed acts may be taken over.
        room.later((minutes += 1));
        await Promise.allSettled(acts.map(perform));
        nonMarketing += await expectTruth();
      }
    }),
    runs(40),
  );
  expect(nonMarketing).toBeGreaterThan(0);
});

it('an address that a contact gets while it becomes non-marketing is marked', async () => {
  const contact = await room.contact({ email: 'a@example.com', unitIds: [northwind.id] });
  // The save has read a marketing contact. Before it writes the contact, the update makes it a non-marketing contact.
  let isOvertaken = false;
  const models = heldUp(room.models, async (write) => {
    if (write !== 'contacts.bulkWrite' || isOvertaken) return;
    isOvertaken = true;
    await setMarketingStatus(room.contacts, { contactIds: [contact._id], isMarketing: false, scope: null });
    await updateBatch(room.contacts, { before: new Date(8e14), guard: () => undefined });
  });
  const form = { ...formOf(contact), email: 'b@example.com' };
  await editContact({ ...room.contacts, models }, { scope: null, contactId: contact._id, form });
  expect(isOvertaken).toBe(true);
  expect(await room.stored(contact._id)).toMatchObject({ email: 'b@example.com', isMarketing: false });
  expect(await expectTruth()).toBe(1);
});

it('the migration marks the addresses of non-marketing contacts of older releases', async () => {
  worldOf(['STAFF']);
  await room.contact({ email: 'a@example.com', phone: '+4790000001', unitIds: [northwind.id] });
  worldOf([]);
  await room.contact({ email: 'b@example.com', unitIds: [northwind.id] });
  const { subscribers } = room.models;
  await subscribers.collection.updateMany({}, { $unset: { mayBeNonMarketing: '' } });
  for (let run = 0; run < 2; run += 1) await markNonMarketing(room.models);
  const marked = await subscribers.find({ mayBeNonMarketing: true }).lean();
  expect(marked.map(({ channel }) => channel).sort()).toEqual(['EMAIL', 'SMS', 'WHATSAPP']);
  expect(await expectTruth()).toBe(1);
});

/** Erasing a person, by every door: what is deleted and kept, the receipt, and that nothing brings the address back. */
import { expect, it } from 'vitest';
import { changeConsentInBulk } from '../../../src/domain/consent/change-in-bulk.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { erasePerson, type Erasure } from '../../../src/domain/contacts/erase.js';
import {
  findErasureReceipt,
  previewErasure,
  receiptText,
} from '../../../src/domain/contacts/erasure-receipt.js';
import { myData } from '../../../src/domain/contacts/my-data.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import { openContactRoom, type ContactRoom } from '../../support/contact-room.js';
import { actors, given } from '../../support/judge.js';
import { trailNotes } from '../../support/people.js';

const room = await openContactRoom();
const deps: ContactRoom['deps'] & Pick<ContactRoom, 'models' | 'subscriberIds'> = {
  ...room.deps,
  models: room.models,
  subscriberIds: room.subscriberIds,
};

let number = 0;
async function person() {
  number += 1;
  const contact = await room.contact({
    ...{ email: `ann-${number}@example.com`, phone: `+479000030${number}`, firstName: 'Ann' },
    properties: { City: 'Bergen' },
  });
  const id = contact.subscribers.EMAIL ?? '';
  await room.act(id, actors.staff, { kind: 'OPT_IN', typeId: trailNotes.id }, given);
  return { contact, id };
}
async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}
const apiWithAll = actors.apiV4;

it.each<[string, (id: string) => Omit<Erasure, 'id'>]>([
  ['staff', () => ({ actor: actors.staff })],
  ['the API', () => ({ actor: apiWithAll })],
  [
    'the contact',
    (id) => ({ actor: actors.freshContact, link: { subscriberId: id, channel: 'EMAIL', epoch: 0 } }),
  ],
])(
  '%s erases every address of the person and the contact, and gets a receipt without personal data',
  async (_, by) => {
    const { contact, id } = await person();
    const preview = await previewErasure(deps, id);
    expect(preview.deleted.join()).toContain('1 property');
    const erased = await erasePerson(deps, { id, ...by(id) });
    expect(new Set(erased)).toEqual(new Set(Object.values(contact.subscribers)));
    expect(await room.stored(contact._id)).toBeNull();
    for (const subscriberId of erased) {
      const head = await findSubscriber(room.models.subscribers, subscriberId);
      expect(head).toMatchObject({ address: null, optOuts: { portal: [{ party: 'CONTACT' }] } });
      expect(await room.faults(subscriberId)).toEqual([]);
    }
    const receipt = await findErasureReceipt(deps, erased);
    expect(receipt?.addresses).toHaveLength(3);
    expect(receipt?.addresses[0]).toMatchObject({
      by: by(id).actor.kind,
      event: { hash: expect.any(String) },
    });
    const text = receipt ? receiptText(receipt) : '';
    expect(text).toContain(id);
    expect(text).not.toMatch(/@|\+47|Ann|Bergen/);
  },
);

it('a revoked link erases nothing', async () => {
  const { contact, id } = await person();
  await room.act(id, actors.staff, { kind: 'REVOKE_LINKS' });
  const link = { subscriberId: id, channel: 'EMAIL' as const, epoch: 0 };
  await expect(erasePerson(deps, { id, actor: actors.freshContact, link })).rejects.toMatchObject({
    code: 'LINK_EXPIRED',
  });
  expect((await room.stored(contact._id))?.isBeingErased).toBeUndefined();
});

it('an erased address stays suppressed when it is imported, created as a contact, and opted in by the API or a workflow', async () => {
  const { contact, id } = await person();
  await erasePerson(deps, { id, actor: actors.staff });
  const isOut = async () => {
    const head = await findSubscriber(room.models.subscribers, id);
    return head ? effectiveStatus(head, trailNotes).status === 'UNSUBSCRIBED' : false;
  };
  const address = contact.email ?? '';
  const onList = { subscriberId: id, channel: 'EMAIL' as const, address, actor: actors.importer };
  await changeConsentInBulk(deps, [{ ...onList, wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId: 0 }] }], {
    isRepeat: false,
    beforeWrite: () => undefined,
  });
  expect(await isOut()).toBe(true);
  expect(
    (await findSubscriber(room.models.subscribers, id))?.address,
    'the list does not bring it back',
  ).toBeNull();
  for (const actor of [apiWithAll, actors.workflow, actors.importer, actors.staff]) {
    const { outcomes } = await room.act(id, actor, { kind: 'OPT_IN', typeId: trailNotes.id }, given);
    expect(outcomes[0]?.result, actor.kind).toBe('REFUSED');
  }
  await room.contact({ email: address });
  for (const actor of [actors.apiV3, actors.workflow, actors.importer]) {
    const { outcomes } = await room.act(id, actor, { kind: 'OPT_IN', typeId: trailNotes.id }, given);
    expect(outcomes[0]?.result, actor.kind).toBe('REFUSED');
  }
  expect(await isOut()).toBe(true);
});

it('"my data" has the contact, every address and every event, and a link sees masked addresses and its own history', async () => {
  const { contact, id } = await person();
  const all = JSON.parse(await textOf(myData(deps, { id: contact._id }))) as Record<string, unknown[]>;
  expect(all['contact']).toMatchObject({
    firstName: 'Ann',
    email: contact.email,
    properties: { City: 'Bergen' },
  });
  expect(all['addresses']).toHaveLength(3);
  expect(all['addresses']).toContainEqual(
    expect.objectContaining({
      address: contact.email,
      subscriptions: expect.arrayContaining([
        expect.objectContaining({
          typeId: trailNotes.id,
          status: 'SUBSCRIBED',
          legalBasis: given.legalBasis,
        }),
      ]),
    }),
  );
  expect(all['history']).toMatchObject([{ by: 'STAFF', explanation: given.explanation }]);
  const linked = await textOf(myData(deps, { id, link: { subscriberId: id } }));
  expect(linked).not.toMatch(/Ann|Bergen/);
  expect(linked).not.toContain(contact.email);
  expect(linked).not.toContain(contact.phone);
  expect(JSON.parse(linked)).toMatchObject({ addresses: [{ channel: 'EMAIL' }] });
});

/** Deleting a contact, whose preferences stay, and erasing a person, of whom only the opt-outs stay. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { deleteContact } from '../../../domain/contacts/delete.js';
import { erasePerson } from '../../../domain/contacts/erase.js';
import { DomainError } from '../../../errors.js';
import { listOf } from '../../../vocabulary/words.js';
import { declareForm } from '../kit/form.js';
import type { StaffRoute } from '../route.js';
import { noteAct } from './act.js';
import { actRoutes } from './act-page.js';
import { openContact, openForAll, type ContactRecord } from './open-record.js';

interface Subject {
  record: ContactRecord;
}

const deletionForm = declareForm<Subject, object>({
  ...{ may: 'contacts.change', about: 'contact', pattern: adminPatterns.contactDeletion },
  action: ({ record }) => adminPaths.contactDeletion(record.id),
  groups: () => [],
  texts: () => ({}),
  isKept: false,
  button: 'Delete the contact',
  look: 'stop',
  schema: () => z.object({}),
  save: async ({ deps, ask, subject: { record } }) => {
    await deleteContact(deps, { scope: ask.scope, contactId: record.id });
    await noteAct(deps, ask, record, 'CONTACT_DELETED');
    return { to: adminPaths.contacts(), said: 'deleted' };
  },
});

const erasureForm = declareForm<Subject, { confirmation: string }>({
  ...{ may: 'people.erase', about: 'contact', pattern: adminPatterns.contactErasure },
  action: ({ record }) => adminPaths.contactErasure(record.id),
  groups: ({ record }) => [
    {
      fields: [
        {
          kind: 'text',
          name: 'confirmation',
          label: `Type “${record.name}” to confirm`,
          hint: 'The name or an address of the contact.',
          isRequired: true,
          autocomplete: 'off',
        },
      ],
    },
  ],
  texts: () => ({}),
  button: 'Erase for good',
  look: 'stop',
  schema: ({ subject: { record } }) =>
    z.object({
      confirmation: z
        .string()
        .refine(
          (typed) => isMeant(record, typed),
          'What you typed is neither the name nor an address of this contact.',
        ),
    }),
  save: async ({ deps, ask, subject: { record } }) => {
    await erasePerson(deps, { contactId: record.id, actor: record.actor });
    await noteAct(deps, ask, record, 'PERSON_ERASED');
    return { to: adminPaths.contacts(), said: 'erased' };
  },
});

export function removalRoutes(deps: Deps): StaffRoute[] {
  return [
    ...actRoutes(deps, deletionForm, {
      load: async (_deps, ask) => {
        const record = await openContact(deps, ask);
        // A contact that other units have too is not this user's alone.
        if (!record.isWhole) throw new DomainError('NOT_FOUND');
        return { record };
      },
      show: ({ record: { name, channels } }) => ({
        title: 'Delete the contact',
        heading: `Delete ${name}?`,
        sentences: [
          'The record is deleted: names, language, properties, legal basis for processing.',
          channels.length === 0
            ? 'It has no address.'
            : `What ${listOf(channels.map(({ address }) => address))} decided stays, with its history. If the address comes back as a contact, its opt-outs still count.`,
        ],
      }),
    }),
    ...actRoutes(deps, erasureForm, {
      load: async (_deps, ask) => ({ record: await openContact(deps, ask, openForAll) }),
      show: ({ record }) => ({
        title: 'Erase the person',
        heading: `Erase ${record.name}?`,
        sentences: ['This is for somebody who asks to be forgotten. It cannot be undone.'],
        points: [
          {
            tone: 'plain',
            text: 'What is deleted: the record, the addresses, explanations and browser names in the history, and mails that wait to be sent.',
          },
          {
            tone: 'plain',
            text: 'What stays: the address is opted out of everything, under a code that cannot be turned back into the address. If it is imported again, it is still opted out.',
          },
        ],
      }),
    }),
  ];
}

function isMeant({ name, channels, catalogue }: ContactRecord, typed: string): boolean {
  if (name.toLowerCase() === typed.trim().toLowerCase()) return true;
  return channels.some(({ channel, address }) => {
    const said = addressOrNull(channel, typed, catalogue);
    return said !== null && said === addressOrNull(channel, address);
  });
}

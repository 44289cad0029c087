/** Deleting a contact, whose preferences stay, and erasing a person, of whom only the opt-outs stay. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { deleteContact } from '../../../domain/contacts/delete.js';
import { erasePerson } from '../../../domain/contacts/erase.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import { textOf, type FieldFault } from '../form.js';
import { saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { listOf } from '../../../vocabulary/words.js';
import { noteAct } from './act.js';
import { actPage, sendAct } from './act-page.js';
import { openContact, openForAll, type ContactRecord } from './open-record.js';

export function removalRoutes(deps: Deps): StaffRoute[] {
  const deletion = {
    path: adminPatterns.contactDeletion,
    may: 'contacts.change',
    about: 'contact',
  } as const;
  const erasure = { path: adminPatterns.contactErasure, may: 'people.erase', about: 'contact' } as const;
  return [
    {
      ...deletion,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openWhole(deps, ask);
        const { id, name, channels } = record;
        const page = actPage(ask, record, {
          title: 'Delete the contact',
          heading: `Delete ${name}?`,
          sentences: [
            'The record goes: names, language, properties, legal basis for processing.',
            channels.length === 0
              ? 'It has no address.'
              : `What ${listOf(channels.map(({ address }) => address))} decided stays, with its history. If the address comes back as a contact, it is opted out of what it is opted out of now.`,
          ],
          form: {
            action: adminPaths.contactDeletion(id),
            hidden: [],
            fields: [],
            button: 'Delete the contact',
            isStop: true,
          },
        });
        sendAct(deps, response, page);
      },
    },
    {
      ...deletion,
      method: 'POST',
      handle: async (ask, response) => {
        const record = await openWhole(deps, ask);
        await deleteContact(deps, { scope: ask.scope, contactId: record.id });
        await noteAct(deps, ask, record, 'CONTACT_DELETED');
        response.redirect(303, saying(ask, adminPaths.contacts(), 'deleted'));
      },
    },
    {
      ...erasure,
      method: 'GET',
      handle: async (ask, response) => {
        showErasure(deps, ask, response, await openContact(deps, ask, openForAll), '', []);
      },
    },
    {
      ...erasure,
      method: 'POST',
      handle: async (ask, response) => {
        const record = await openContact(deps, ask, openForAll);
        const typed = textOf(ask.request, 'confirmation', 400);
        if (!isMeant(record, typed)) {
          const text = 'What you typed is neither the name nor an address of this contact.';
          return showErasure(deps, ask, response, record, typed, [{ text, href: '#confirmation' }]);
        }
        await erasePerson(deps, { contactId: record.id, actor: record.actor });
        await noteAct(deps, ask, record, 'PERSON_ERASED');
        response.redirect(303, saying(ask, adminPaths.contacts(), 'erased'));
      },
      showAgain: async (ask, response) => {
        const typed = textOf(ask.request, 'confirmation', 400);
        showErasure(deps, ask, response, await openContact(deps, ask, openForAll), typed, []);
      },
    },
  ];
}

/** A contact that other units have too is theirs as well. */
async function openWhole(deps: Deps, ask: Ask): Promise<ContactRecord> {
  const record = await openContact(deps, ask);
  if (!record.isWhole) throw new DomainError('NOT_FOUND');
  return record;
}

function isMeant({ name, channels, catalogue }: ContactRecord, typed: string): boolean {
  if (name.toLowerCase() === typed.trim().toLowerCase()) return true;
  return channels.some(({ channel, address }) => {
    const said = addressOrNull(channel, typed, catalogue);
    return said !== null && said === addressOrNull(channel, address);
  });
}

function showErasure(
  deps: Deps,
  ask: Ask,
  response: Response,
  record: ContactRecord,
  typed: string,
  faults: FieldFault[],
): void {
  const { id, name } = record;
  const page = actPage(ask, record, {
    title: 'Erase the person',
    heading: `Erase ${name}?`,
    sentences: ['This is for somebody who asks to be forgotten. It cannot be undone.'],
    stands: [
      {
        tone: 'plain',
        text: 'What goes: the record, the addresses, explanations and browser names in the history, mails that wait to be sent.',
      },
      {
        tone: 'plain',
        text: 'What stays: that the address is opted out of everything, under a code that nobody can read back. Should it be imported again, it meets its opt-out.',
      },
    ],
    faults,
    form: {
      action: adminPaths.contactErasure(id),
      hidden: [],
      fields: [
        {
          kind: 'text',
          id: 'confirmation',
          name: 'confirmation',
          label: `Type “${name}” to confirm`,
          hint: 'The name or an address of the contact.',
          value: typed,
          isRequired: true,
          isInvalid: faults.length > 0,
        },
      ],
      button: 'Erase for good',
      isStop: true,
    },
  });
  sendAct(deps, response, page);
}

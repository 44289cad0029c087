/** Deleting a contact, whose preferences stay, and erasing a person, of whom only the opt-outs stay. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { deleteContact } from '../../../domain/contacts/delete.js';
import { erasePerson } from '../../../domain/contacts/erase.js';
import {
  findErasureReceipt,
  previewErasure,
  receiptText,
  type ErasurePreview,
  type ErasureReceipt,
} from '../../../domain/contacts/erasure-receipt.js';
import { DomainError } from '../../../errors.js';
import { listOf } from '../../../vocabulary/words.js';
import { declareAct, declareForm } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import { queryOf } from '../form.js';
import { get, type Ask, type StaffRoute } from '../route.js';
import { noteAct } from './act.js';
import { actRoutes, contactsCrumb } from './act-page.js';
import { openContact, openForAll, type ContactRecord, type OpenedRecord } from './open-record.js';

interface Subject {
  record: ContactRecord;
}

interface Erasure {
  record: OpenedRecord;
  preview: ErasurePreview;
}

const deletionForm = declareAct<Subject>({
  ...{ may: 'contacts.change', about: 'contact', pattern: adminPatterns.contactDeletion },
  button: 'Delete the contact',
  look: 'stop',
  save: async ({ deps, ask, subject: { record } }) => {
    await deleteContact(deps, { scope: ask.scope, contactId: record.id });
    await noteAct(deps, ask, record, 'CONTACT_DELETED');
    return { to: adminPaths.contacts(), said: 'deleted' };
  },
});

const erasureForm = declareForm<Erasure, { confirmation: string }>({
  ...{ may: 'people.erase', about: 'contact', pattern: adminPatterns.contactErasure },
  groups: ({ record }) => [
    {
      fields: [
        {
          kind: 'text',
          name: 'confirmation',
          label: `Type “${record.name}” to confirm`,
          hint: 'The name or an address.',
          isRequired: true,
          autocomplete: 'off',
        },
      ],
    },
  ],
  button: 'Erase for good',
  look: 'stop',
  schema: ({ subject: { record } }) =>
    z.object({
      confirmation: z
        .string()
        .refine(
          (typed) => isMeant(record, typed),
          'What you typed is neither the name nor an address of this person.',
        ),
    }),
  save: async ({ deps, ask, subject: { record } }) => {
    const erased = await erasePerson(deps, { id: record.id, actor: record.actor });
    await noteAct(deps, ask, record, 'PERSON_ERASED');
    return { to: adminPaths.erasures({ of: erased.join('.') }) };
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
      load: async (_deps, ask) => {
        const record = await openForAll(deps, ask);
        return { record, preview: await previewErasure(deps, record.id) };
      },
      show: ({ record, preview: { deleted, kept } }) => ({
        title: 'Erase the person',
        heading: `Erase ${record.name}?`,
        sentences: ['This is for somebody who asks to be forgotten. It cannot be undone.'],
        points: [
          ...deleted.map((text) => ({ tone: 'plain' as const, text: `Deleted: ${text}` })),
          ...kept.map((text) => ({ tone: 'plain' as const, text: `Kept: ${text}` })),
        ],
      }),
    }),
    get(adminPatterns.erasures, { may: 'people.erase', about: 'account' }, async (ask, response) => {
      const { of, receipt } = await receiptIn(deps, ask);
      response.send(
        pageHtml(
          deps,
          ask,
          { section: 'contacts' },
          {
            title: 'The person was erased',
            crumbs: [contactsCrumb],
            isNarrow: true,
            panels: [
              { heading: 'Deleted', sentences: receipt.deleted },
              {
                heading: 'Kept',
                sentences: receipt.kept,
                link: { href: adminPaths.erasureReceipts({ of }), text: 'Download the receipt' },
              },
            ],
          },
        ),
      );
    }),
    get(adminPatterns.erasureReceipts, { may: 'people.erase', about: 'account' }, async (ask, response) => {
      const { receipt } = await receiptIn(deps, ask);
      response.attachment('erasure-receipt.txt').type('text').send(receiptText(receipt));
    }),
  ];
}

/** The receipt of the subscribers that the query names. @throws DomainError `NOT_FOUND` if none is erased */
async function receiptIn(deps: Deps, ask: Ask): Promise<{ of: string; receipt: ErasureReceipt }> {
  const of = queryOf(ask.request, 'of') ?? '';
  const receipt = await findErasureReceipt(deps, of.split('.').slice(0, mostAddresses));
  if (!receipt) throw new DomainError('NOT_FOUND');
  return { of, receipt };
}

/** A contact has at most one address in each channel. */
const mostAddresses = 3;

function isMeant({ name, channels, catalogue }: OpenedRecord, typed: string): boolean {
  if (name.toLowerCase() === typed.trim().toLowerCase()) return true;
  return channels.some(({ channel, address }) => {
    const said = addressOrNull(channel, typed, catalogue);
    return said !== null && said === addressOrNull(channel, address);
  });
}

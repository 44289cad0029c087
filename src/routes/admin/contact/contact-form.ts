/** The form of a contact, for a new one and for changes: names, addresses, language, properties, basis for processing, business units. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { reading } from '../../../domain/consent/durability.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { formOfContact, identityIsShared } from '../../../domain/contacts/contact-form.js';
import type { ContactFault, ContactForm } from '../../../domain/contacts/contact-form.js';
import { createContact, editContact } from '../../../domain/contacts/save.js';
import { findSubscriber } from '../../../models/find-subscribers.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { languageOptions } from '../../../vocabulary/words.js';
import { queryOf, wholeOf, type FieldFault } from '../form.js';
import { pairsText, type FieldPlan, type Texts } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { basisOptions, unitOptions } from '../options.js';
import type { StaffRoute } from '../route.js';
import { noteAct } from './act.js';
import { aboutRecord, contactsCrumb } from './act-page.js';
import { openContact, type ContactRecord } from './open-record.js';

type Units = Catalogue['units'];

const autocomplete = 'off';

/** They are the same in every unit of the contact. */
const identityPlans: readonly FieldPlan[] = [
  { kind: 'text', name: 'firstName', label: 'First name', autocomplete },
  { kind: 'text', name: 'lastName', label: 'Last name', autocomplete },
  { kind: 'email', name: 'email', label: 'E-mail', autocomplete, isAlternative: true },
  {
    kind: 'tel',
    name: 'phone',
    label: 'Phone',
    autocomplete,
    isAlternative: true,
    hint: 'With its country code, such as +47 900 00 000. For text messages and WhatsApp.',
  },
];

function otherPlans(units: Units): FieldPlan[] {
  return [
    {
      kind: 'select',
      name: 'locale',
      label: 'Language',
      options: [{ value: '', label: 'Not known' }, ...languageOptions()],
    },
    {
      kind: 'select',
      name: 'processingBasis',
      label: 'Legal basis for processing',
      hint: 'For keeping and using this contact’s data.',
      options: basisOptions('None given yet'),
    },
    { kind: 'ticks', name: 'unitIds', label: 'Business units', options: unitOptions(units.values()) },
    {
      kind: 'pairs',
      name: 'property',
      label: 'Properties',
      hint: 'A name and its value, such as “city” and “Oslo”. Empty values are removed.',
    },
  ];
}

/** The domain checks everything else, for imports and the API too. */
const text = z.string().default('');
const schema = z
  .object({
    ...{ firstName: text, lastName: text, email: text, phone: text, locale: text, processingBasis: text },
    unitIds: z.array(z.string()).transform((ids) => ids.flatMap((id) => wholeOf(id) ?? [])),
    property: z.array(z.tuple([z.string(), z.string()])),
  })
  .transform(({ property, ...form }): ContactForm => ({ ...form, properties: Object.fromEntries(property) }));

const common = { may: 'contacts.change', schema: () => schema } as const;

interface NewContact {
  units: Units;
  /** The address of a record without a contact, for the new contact of it. */
  address: Texts;
}

const newContactForm = declareForm<NewContact, ContactForm>({
  ...common,
  about: 'nothing',
  pattern: adminPatterns.newContact,
  groups: ({ units }) => [{ fields: [...identityPlans, ...otherPlans(units)] }],
  texts: ({ units, address }) => ({ ...address, unitIds: String([...units.keys()][0] ?? '') }),
  button: 'Add the contact',
  more: () => ({ cancelHref: adminPaths.contacts() }),
  save: async ({ deps, ask, values }) => {
    const by = { kind: 'STAFF', ref: staffRef(ask.user) } as const;
    const saved = await createContact(deps, { scope: ask.scope, form: values, by });
    if ('faults' in saved) return { faults: saved.faults.map(faultOf) };
    // Also after a repeat: the first time may have ended before its entry.
    const more = saved.outcome === 'UNCHANGED' ? { detail: 'sent again' } : {};
    await noteAct(deps, ask, { ...saved, id: saved.contact._id }, 'CONTACT_CREATED', more);
    return { to: adminPaths.contact(saved.contact._id), said: 'created' };
  },
});

interface Stored {
  record: ContactRecord;
}

const contactForm = declareForm<Stored, ContactForm>({
  ...common,
  about: 'contact',
  pattern: adminPatterns.contactEdit,
  groups: ({ record: { isWhole, catalogue } }) => [
    { fields: [...(isWhole ? identityPlans : []), ...otherPlans(catalogue.units)] },
  ],
  texts: ({ record: { contact } }) => {
    const { unitIds, properties, ...texts } = formOfContact(contact);
    return {
      ...texts,
      email: shownAddress(texts.email),
      unitIds: unitIds.join('\n'),
      property: pairsText(Object.entries(properties)),
    };
  },
  version: ({ record: { contact } }) => contact.version,
  button: 'Save',
  more: ({ record }) => ({ cancelHref: adminPaths.contact(record.id) }),
  save: async ({ deps, ask, subject: { record }, values, version }) => {
    // The form of a user who does not reach all units of the contact has no fields for its identity.
    const { firstName, lastName, email, phone } = formOfContact(record.contact);
    const form = record.isWhole ? values : { ...values, firstName, lastName, email, phone };
    const saved = await editContact(deps, { contactId: record.id, scope: ask.scope, form, version });
    if ('faults' in saved)
      return saved.faults.some(({ field }) => field === 'version')
        ? 'STALE'
        : { faults: saved.faults.map(faultOf) };
    await noteAct(deps, ask, record, 'CONTACT_CHANGED');
    return { to: adminPaths.contact(record.id), said: 'edited' };
  },
});

export function contactFormRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes<NewContact>(deps, {
      section: 'contacts',
      load: async ({ models }, { request, scope }) => {
        const { units } = catalogueWithin(await deps.catalogue(), scope);
        const id = queryOf(request, 'address', 40);
        const head = id ? await reading(() => findSubscriber(models.subscribers, id)) : null;
        const field = head?.channel === 'EMAIL' ? 'email' : 'phone';
        return { units, address: head?.address ? { [field]: head.address } : {} };
      },
      show: (_about, form) => ({
        title: 'New contact',
        crumbs: [contactsCrumb],
        isNarrow: true,
        lead: 'Earlier decisions of an address still count: a contact who opted out stays opted out.',
        panels: [{ form: form(newContactForm) }],
      }),
      forms: [newContactForm],
    }),
    ...formRoutes<Stored>(deps, {
      section: 'contacts',
      load: async (_deps, ask) => ({ record: await openContact(deps, ask) }),
      show: ({ subject: { record } }, form) => ({
        ...aboutRecord(record),
        title: `Edit ${record.name}`,
        lead: record.isWhole
          ? 'Preferences belong to the address. If you change it, the record shows those of the new address.'
          : identityIsShared,
        panels: [{ form: form(contactForm) }],
      }),
      forms: [contactForm],
    }),
  ];
}

/** A fault of the domain at its field. It leads to the contact that already has the address. */
function faultOf({ field, message, contactId }: ContactFault): FieldFault {
  const name = field === 'properties' ? 'property' : field;
  const way = contactId && { href: adminPaths.contact(contactId), text: 'Open the contact that has it' };
  return { text: message, href: `#${name}`, ...(way ? { way } : {}) };
}

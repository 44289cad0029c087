/** Contact properties under HubSpot's names: what each says of a contact. Values are texts; null is none. */
import type { Contact } from '../../../models/contact.js';
import type { SubscriberHead } from '../../../models/subscriber.js';
import { effectiveStatus } from '../../../domain/consent/effective.js';
import { isMarketingContact, isUntilNextUpdate } from '../../../domain/marketing/status.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import type { ActorKind, Catalogue, LegalBasis } from '../../../vocabulary/terms.js';

/** A contact with everything that its properties are read from. */
export interface Shown {
  contact: Contact;
  number: number;
  /** Of its e-mail address; null if the contact has none. */
  head: SubscriberHead | null;
  catalogue: Catalogue;
  scope: Scope;
}

/** HubSpot's labels; dashes and hyphens are as HubSpot writes them. `PROCESS_AND_STORE` has no label of its own. */
export const basisLabels: Readonly<Record<LegalBasis, string>> = {
  LEGITIMATE_INTEREST_PQL: 'Legitimate interest – prospect/lead',
  LEGITIMATE_INTEREST_CLIENT: 'Legitimate interest – existing customer',
  LEGITIMATE_INTEREST_OTHER: 'Legitimate interest - other',
  PERFORMANCE_OF_CONTRACT: 'Performance of a contract',
  CONSENT_WITH_NOTICE: 'Freely given consent from contact',
  NON_GDPR: 'Not applicable',
  PROCESS_AND_STORE: 'Freely given consent from contact',
};

/** HubSpot's source types for what made a contact. */
const reasonTypes: Readonly<Record<ActorKind, string>> = {
  ...{
    CONTACT: 'FORM_SUBMISSION',
    ONE_CLICK: 'FORM_SUBMISSION',
    STAFF: 'USER_SET',
    IMPORT: 'CONTACT_IMPORT',
  },
  ...{ WORKFLOW: 'WORKFLOW', API: 'INTEGRATOR_SET', SYSTEM: 'INITIAL_STATE' },
};

const yesOrNo = (is: boolean) => String(is);
const iso = (at: Date) => at.toISOString();

export interface PropertyPlan {
  label: string;
  type: 'string' | 'bool' | 'enumeration' | 'number' | 'datetime' | 'date';
  groupName: 'contactinformation' | 'emailinformation';
  /** Derived: a change is refused. */
  isReadOnly: boolean;
  /** Read from the statuses of the e-mail address. */
  isOfAddress?: boolean;
  /** The account's own, not one of HubSpot's. */
  isOwn?: boolean;
  options?: readonly { label: string; value: string }[];
  value: (shown: Shown) => string | null;
}

const own = { type: 'string', groupName: 'contactinformation', isReadOnly: false } as const;
const derived = { ...own, isReadOnly: true } as const;
const ofAddress = { ...derived, groupName: 'emailinformation', isOfAddress: true } as const;
const bools = ['true', 'false'].map((value) => ({ value, label: value === 'true' ? 'Yes' : 'No' }));
const isHard = ({ head }: Shown) => head?.undeliverable?.reason === 'HARD_BOUNCE';
const isComplaint = ({ head }: Shown) => head?.undeliverable?.reason === 'COMPLAINT';

/** True if any opt-out of all of e-mail is in effect within the scope (specification "Contact properties derived from consent"). */
export function isOutOfAll({ optOuts: { portal, units } }: Pick<SubscriberHead, 'optOuts'>, scope: Scope) {
  return portal !== null || Object.keys(units).some((id) => isInScope(scope, Number(id)));
}

const fixed: Readonly<Record<string, PropertyPlan>> = {
  email: { ...own, label: 'Email', value: ({ contact }) => contact.email },
  firstname: { ...own, label: 'First Name', value: ({ contact }) => contact.firstName || null },
  lastname: { ...own, label: 'Last Name', value: ({ contact }) => contact.lastName || null },
  phone: { ...own, label: 'Phone Number', value: ({ contact }) => contact.phone },
  hs_language: { ...own, label: 'Preferred language', value: ({ contact }) => contact.locale },
  hs_legal_basis: {
    ...{ ...own, label: "Legal basis for processing contact's data", type: 'enumeration' },
    options: [...new Set(Object.values(basisLabels))].map((label) => ({ label, value: label })),
    value: ({ contact: { processingBasis } }) => processingBasis && basisLabels[processingBasis],
  },
  hs_all_assigned_business_unit_ids: {
    ...{ ...own, label: 'Business units', type: 'enumeration' },
    value: ({ contact, scope }) => contact.unitIds.filter((id) => isInScope(scope, id)).join(';'),
  },
  hs_email_optout: {
    ...{ ...ofAddress, label: 'Unsubscribed from all email', type: 'bool', options: bools },
    isReadOnly: false,
    value: ({ head, scope }) => head && yesOrNo(isOutOfAll(head, scope)),
  },
  hs_marketable_status: {
    ...{ ...derived, label: 'Marketing contact status', type: 'enumeration', options: bools },
    value: ({ contact }) => yesOrNo(isMarketingContact(contact)),
  },
  hs_marketable_until_renewal: {
    ...{ ...derived, label: 'Marketing contact until next update', type: 'enumeration', options: bools },
    value: ({ contact }) => yesOrNo(isUntilNextUpdate(contact)),
  },
  hs_marketable_reason_type: {
    ...{ ...derived, label: 'Marketing contact status source type', type: 'enumeration' },
    value: ({ contact }) => reasonTypes[contact.source],
  },
  hs_marketable_reason_id: {
    ...{ ...derived, label: 'Marketing contact status source name' },
    value: ({ contact }) => contact.createdBy || null,
  },
  hs_email_bounce: {
    ...{ ...ofAddress, label: 'Marketing emails bounced', type: 'number' },
    value: (shown) => (isHard(shown) ? '1' : null),
  },
  hs_email_hard_bounce_reason: {
    ...{ ...ofAddress, label: 'Email hard bounce reason' },
    value: (shown) => (isHard(shown) ? 'The address does not exist or takes no mail.' : null),
  },
  hs_email_hard_bounce_reason_enum: {
    ...{ ...ofAddress, label: 'Email hard bounce reason', type: 'enumeration' },
    value: (shown) => (isHard(shown) ? (shown.head?.undeliverable?.soft ? 'OTHER' : 'UNKNOWN_USER') : null),
  },
  hs_email_bad_address: {
    ...{ ...ofAddress, label: 'Invalid email address', type: 'bool', options: bools },
    value: (shown) => shown.head && yesOrNo(isHard(shown)),
  },
  hs_email_is_ineligible: {
    ...{ ...ofAddress, label: 'Is ineligible for email', type: 'bool', options: bools },
    value: ({ head }) => head && yesOrNo(head.undeliverable !== null),
  },
  hs_email_quarantined: {
    ...{ ...ofAddress, label: 'Email address quarantined', type: 'bool', options: bools },
    value: (shown) => shown.head && yesOrNo(isComplaint(shown)),
  },
  hs_email_quarantined_reason: {
    ...{ ...ofAddress, label: 'Email address quarantine reason', type: 'enumeration' },
    value: (shown) => (isComplaint(shown) ? 'RECIPIENT_COMPLAINT' : null),
  },
  hs_emailconfirmationstatus: {
    ...{ ...ofAddress, label: 'Email confirmation status' },
    value: ({ head }) => (head?.pending.some(({ confirmedAt }) => !confirmedAt) ? 'PENDING' : null),
  },
  // Answers to "why" are counted without the person.
  hs_email_optout_survey_reason: { ...ofAddress, label: 'Email opt-out reason', value: () => null },
  hs_email_domain: {
    ...{ ...derived, label: 'Email Domain' },
    value: ({ contact: { email } }) => email && email.slice(email.lastIndexOf('@') + 1),
  },
  hs_object_id: { ...derived, label: 'Record ID', type: 'number', value: ({ number }) => String(number) },
  hs_object_source: { ...derived, label: 'Record source', value: ({ contact }) => contact.source },
  createdate: {
    ...{ ...derived, label: 'Create Date', type: 'datetime' },
    value: ({ contact }) => iso(contact.createdAt),
  },
  lastmodifieddate: {
    ...{ ...derived, label: 'Last Modified Date', type: 'datetime' },
    value: ({ contact }) => iso(contact.updatedAt),
  },
};

/** What an answer shows if the caller names no properties. */
export const usualProperties = [
  'createdate',
  'email',
  'firstname',
  'hs_object_id',
  'lastmodifieddate',
  'lastname',
];

/** HubSpot's name of an own property: `Shoe size` is `shoe_size`. */
export function hubspotName(name: string): string {
  return name.toLowerCase().replace(/[ -]+/g, '_');
}

const optOutOfType = /^hs_email_optout_(\d{1,9})$/;
const types = {
  TEXT: 'string',
  NUMBER: 'number',
  DATE: 'date',
  YES_NO: 'bool',
  CHOICE: 'enumeration',
} as const;

/**
 * The property with a name of HubSpot's.
 * @returns null for a name of HubSpot's that has no meaning here, and for one that cannot name a property
 */
export function propertyNamed(name: string, catalogue: Catalogue): PropertyPlan | null {
  const known = Object.hasOwn(fixed, name) ? fixed[name] : undefined;
  if (known) return known;
  const type = catalogue.types.get(Number(optOutOfType.exec(name)?.[1] ?? -1));
  if (type?.channel === 'EMAIL')
    return {
      ...{ ...ofAddress, label: `Opted out of email: ${type.name}`, type: 'enumeration', options: bools },
      value: ({ head }) => {
        const status = head ? effectiveStatus(head, type).status : 'NOT_SPECIFIED';
        return status === 'NOT_SPECIFIED' ? null : yesOrNo(status === 'UNSUBSCRIBED');
      },
    };
  if (name.startsWith('hs_') || !/^\p{Ll}[\p{Ll}\p{N}_]{0,39}$/u.test(name)) return null;
  const defined = [...catalogue.properties.values()].find((one) => hubspotName(one.name) === name);
  return {
    ...{ ...own, isOwn: true, label: defined?.name ?? name, type: types[defined?.kind ?? 'TEXT'] },
    ...(defined?.kind === 'CHOICE' && { options: defined.choices.map((value) => ({ value, label: value })) }),
    ...(defined?.kind === 'YES_NO' ? { options: bools } : {}),
    value: ({ contact: { properties } }) => {
      const [, value = null] = Object.entries(properties).find(([key]) => hubspotName(key) === name) ?? [];
      return defined?.kind === 'YES_NO' && value !== null ? yesOrNo(value === 'yes') : value;
    },
  };
}

/** Every property of the key's catalogue by name: HubSpot's, one for each e-mail type, and the account's own. */
export function allProperties(catalogue: Catalogue): Map<string, PropertyPlan> {
  const names = [
    ...Object.keys(fixed),
    ...catalogue.orderedTypes
      .filter(({ channel }) => channel === 'EMAIL')
      .map(({ id }) => `hs_email_optout_${id}`),
    ...[...catalogue.properties.values()].map(({ name }) => hubspotName(name)),
  ];
  return new Map(
    names.flatMap((name): [string, PropertyPlan][] => {
      const plan = propertyNamed(name, catalogue);
      return plan ? [[name, plan]] : [];
    }),
  );
}

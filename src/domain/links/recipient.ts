/** Recipient and target of a link: checked against the catalogue before anything is read, written or signed. */
import { DomainError } from '../../errors.js';
import { campaignPattern } from '../../tokens/claims.js';
import { locales } from '../../vocabulary/locales.js';
import type { SubscriberIds } from '../consent/address.js';
import { requireType, requireUnit } from '../consent/catalogue.js';
import { readAddress } from '../consent/read-address.js';
import type { BusinessUnit, Catalogue, Channel, SubscriptionType } from '../../vocabulary/terms.js';

/** The request for a link. */
export interface Recipient {
  /** As people write it; compared in its normal form. */
  address: string;
  /** Absent: the channel of the type, or e-mail. */
  channel?: Channel;
  unitId: number;
  /** The type of the mail. Its unsubscribe link and header then end this type only. */
  typeId?: number;
  locale?: string;
  /** Campaign label, recorded with the contact's acts. */
  campaign?: string;
  /** The id of the user who copies the link, which the preference link then contains (decision 0515). */
  copiedBy?: string;
}

/** The target of a link: a unit, and optionally a type, a language and a campaign. */
export interface Target {
  channel: Channel;
  unit: BusinessUnit;
  type: SubscriptionType | null;
  locale: string | null;
  campaign: string | null;
  copiedBy: string | null;
}

/** A recipient for whom links can be made. */
export interface Destination extends Target {
  subscriberId: string;
  /** Normalised. */
  address: string;
}

/**
 * Checks the target of a link.
 * @throws DomainError `UNKNOWN_UNIT`, `UNKNOWN_TYPE`, `TYPE_ARCHIVED`, or `INVALID_FORM` for a language or a campaign label; each with one sentence
 *   that names the value
 */
export function targetOf(catalogue: Catalogue, wanted: Omit<Recipient, 'address'>): Target {
  const unit = requireUnit(catalogue, wanted.unitId);
  const type = wanted.typeId === undefined ? null : typeOf(catalogue, unit, wanted.typeId);
  const channel = wanted.channel ?? type?.channel ?? 'EMAIL';
  if (type && type.channel !== channel) {
    throw new DomainError('UNKNOWN_TYPE', `Type ${type.id} is sent by ${type.channel}, not by ${channel}.`);
  }
  return {
    ...{ channel, unit, type, locale: localeOf(wanted.locale), campaign: campaignOf(wanted.campaign) },
    copiedBy: wanted.copiedBy ?? null,
  };
}

/**
 * Checks one recipient.
 * @throws DomainError `INVALID_ADDRESS`, and the errors of `targetOf`
 */
export function destinationOf(
  deps: { subscriberIds: SubscriberIds },
  catalogue: Catalogue,
  recipient: Recipient,
): Destination {
  const target = targetOf(catalogue, recipient);
  const address = readAddress(target.channel, recipient.address, catalogue);
  return { ...target, address, subscriberId: deps.subscriberIds(target.channel, address) };
}

function typeOf(catalogue: Catalogue, unit: BusinessUnit, typeId: number): SubscriptionType {
  const type = requireType(catalogue, typeId);
  if (type.unitId !== unit.id) {
    throw new DomainError(
      'UNKNOWN_TYPE',
      `Type ${typeId} is of business unit ${type.unitId}, not of ${unit.id}.`,
    );
  }
  if (!type.isActive) throw new DomainError('TYPE_ARCHIVED', `Type ${typeId} is archived.`);
  // A link would show its name on a public page (specification "Terms", Subscription type).
  if (type.isInternal) {
    throw new DomainError(
      'UNKNOWN_TYPE',
      `Type ${typeId} is internal, so no link can name it; leave the type out.`,
    );
  }
  return type;
}

function localeOf(locale: string | undefined): string | null {
  if (locale === undefined) return null;
  const known = locales.find((one) => one === locale);
  if (!known)
    throw new DomainError('INVALID_FORM', `There is no language ${locale}; there are ${locales.join(', ')}.`);
  return known;
}

function campaignOf(label: string | undefined): string | null {
  if (label === undefined) return null;
  if (campaignPattern.test(label)) return label;
  throw new DomainError(
    'INVALID_FORM',
    'A campaign label is 1 to 40 letters, digits, dots, dashes or underscores.',
  );
}

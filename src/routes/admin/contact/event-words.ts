/** What a history says on the staff's pages: who acted, what changed, which level decides. */
import type { DecidingLevel } from '../../../domain/consent/effective.js';
import type {
  Catalogue,
  Change,
  Channel,
  ConsentEvent,
  Standing,
  SubscriptionType,
} from '../../../domain/consent/terms.js';
import { actorWords, dayOf, listOf } from '../words.js';

/** What a channel carries, within a sentence: "Opt out of all e-mail". */
export const channelMatter: Readonly<Record<Channel, string>> = {
  EMAIL: 'e-mail',
  WHATSAPP: 'WhatsApp messages',
  SMS: 'text messages',
};

/** How something comes by a channel, within a sentence: "by e-mail". */
const channelWays: Readonly<Record<Channel, string>> = {
  EMAIL: 'e-mail',
  WHATSAPP: 'WhatsApp',
  SMS: 'text message',
};

export function unitName({ units }: Pick<Catalogue, 'units'>, unitId: number | null): string {
  return unitId === null ? 'all business units' : (units.get(unitId)?.name ?? `business unit ${unitId}`);
}

export function typeName({ types }: Pick<Catalogue, 'types'>, typeId: number): string {
  return types.get(typeId)?.name ?? `type ${typeId}`;
}

/** Which level decided, in words. */
export function levelName(
  level: DecidingLevel,
  { unitId }: Pick<SubscriptionType, 'unitId'>,
  catalogue: Catalogue,
): string {
  if (level === 'PORTAL_WIDE_STATUS') return 'everything, of all business units';
  if (level === 'BRAND_WIDE_STATUS') return `all of ${unitName(catalogue, unitId)}`;
  return 'this type';
}

/** Names by reference (`user:<id>`), for as many as a page shows. */
export type ActorNames = ReadonlyMap<string, string>;

const waysOfLinks: Readonly<Record<string, string>> = {
  'preferences link': 'Contact, preference page',
  'unsubscribe link': 'Contact, unsubscribe link',
  'confirm link': 'Contact, confirmation mail',
};

/** Who acted, in words; a name that is no longer known is left out. */
export function actorName({ kind, ref, isBulk }: ConsentEvent['actor'], names: ActorNames): string {
  const name = ref === undefined ? undefined : names.get(ref);
  const who =
    kind === 'CONTACT'
      ? (waysOfLinks[ref ?? ''] ?? 'Contact')
      : name
        ? `${actorWords[kind]}, ${name}`
        : actorWords[kind];
  return isBulk ? `${who}, in bulk` : who;
}

const withinSentences: Readonly<Record<ConsentEvent['actor']['kind'], string>> = {
  CONTACT: 'the contact',
  ONE_CLICK: 'the contact',
  STAFF: 'staff',
  IMPORT: 'an import',
  WORKFLOW: 'a workflow',
  API: 'the API',
  SYSTEM: 'the mail server',
};

/** Who acted, within a sentence: "the contact (one-click)", "staff (Ida Lund)". */
export function actorWithin(actor: ConsentEvent['actor'], names: ActorNames): string {
  const [, ...how] = actorName(actor, names).split(', ');
  const who = withinSentences[actor.kind];
  return how.length > 0 ? `${who} (${how.join(', ')})` : who;
}

/** "Northwind Outdoors, by e-mail to alice@example.com" */
export function unitAndAddress(
  catalogue: Pick<Catalogue, 'units'>,
  unitId: number | null,
  { channel, address }: { channel: Channel; address: string },
): string {
  return `${unitName(catalogue, unitId)}, by ${channelWays[channel]} to ${address}`;
}

/** Who else opted out, beneath what a machine did: that stays once the machine's is put right. Empty where nobody did. */
export function alsoOut({ beneath }: Standing): string[] {
  return beneath ? [`also opted out by: ${actorWords[beneath.by]}`] : [];
}

/** What a change was, as a sentence without its full stop. */
export function changeSentence(change: Change, catalogue: Catalogue): string {
  const unit = unitName(catalogue, change.unitId);
  const type = change.typeId === null ? '' : typeName(catalogue, change.typeId);
  switch (change.op) {
    case 'STATUS':
      if (change.isHandedBack) return `A machine’s opt-out of ${type} put right, another’s stands`;
      if (change.to === 'NOT_SPECIFIED') return `${type} set back to not specified`;
      return `${change.to === 'SUBSCRIBED' ? 'Subscribed to' : 'Opted out of'} ${type}`;
    case 'OPT_OUT_OF_ALL': {
      const all = change.unitId === null ? 'everything' : `all of ${unit}`;
      if (change.isHandedBack) return `A machine’s opt-out of ${all} put right, another’s stands`;
      return change.to ? `Opted out of ${all}` : `Opt-out of ${all} removed`;
    }
    case 'SNOOZE':
      return change.to ? `${type} paused until ${dayOf(change.to)}` : `${type} resumed`;
    case 'PENDING':
      return `Asked for ${listOf(change.typeIds.map((id) => typeName(catalogue, id)))}, to be confirmed`;
    case 'CONFIRMED':
      return 'Confirmed by mail';
    case 'UNDELIVERABLE':
      return change.reason === 'COMPLAINT' ? 'Reported a mail as spam' : 'A mail bounced for good';
    case 'ONE_TIME_BASIS':
      return `${change.purpose === 'CALL' ? 'A call' : 'A one-to-one mail'} of ${unit}, on a basis of its own`;
    case 'LINKS_REVOKED':
      return 'Links revoked';
    case 'ERASED':
      return 'Personal data erased';
  }
}

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
import { doerInWords } from '../../../domain/staff/names.js';
import type { Doer, DoerOf } from '../../../domain/staff/names.js';
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

const waysOfLinks: Readonly<Record<string, string>> = {
  'preferences link': 'Contact, preference page',
  'unsubscribe link': 'Contact, unsubscribe link',
  'confirm link': 'Contact, confirmation mail',
};

/** An act as far as it says who did it, and when: names are shown as they were then. */
export type Act = Pick<ConsentEvent, 'actor' | 'at'>;

/** References of the people behind acts, for one look-up. */
export function doersIn(acts: Iterable<Pick<ConsentEvent, 'actor'>>): (string | undefined)[] {
  return [...acts].map(({ actor }) => doerRef(actor));
}

/** The person behind an act, where it is known. */
export function doerBehind({ actor, at }: Act, doerOf: DoerOf): Doer | undefined {
  return doerOf(doerRef(actor), at);
}

/** Of work in bulk the one who started it. */
function doerRef({ ref, by }: ConsentEvent['actor']): string | undefined {
  return by ?? ref;
}

/** Who acted, in words; a person who is no longer known is left out. @param inWords how a person is said */
export function actorName(
  { actor, at }: Act,
  doerOf: DoerOf,
  inWords: (doer: Doer) => string = doerInWords,
): string {
  const { kind, ref, isBulk } = actor;
  const doer = doerBehind({ actor, at }, doerOf);
  const who =
    kind === 'CONTACT'
      ? (waysOfLinks[ref ?? ''] ?? 'Contact')
      : doer
        ? `${actorWords[kind]}, ${inWords(doer)}`
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

/** Who acted, within a sentence: "the contact (one-click)", "staff, Ida Lund (ida@acme.example)". */
export function actorWithin(act: Act, doerOf: DoerOf): string {
  const [, ...how] = actorName(act, doerOf).split(', ');
  const who = withinSentences[act.actor.kind];
  if (doerBehind(act, doerOf)) return [who, ...how].join(', ');
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

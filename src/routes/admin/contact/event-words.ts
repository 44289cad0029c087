/** Words of the record: what changed, which level decides, and which other parties opted out. */
import type { DecidingLevel } from '../../../domain/consent/effective.js';
import type { Catalogue, Change, Channel, OptOutSet, SubscriptionType } from '../../../vocabulary/terms.js';
import { nameOfKind } from '../../../domain/consent/actors.js';
import { othersOf } from '../../../domain/consent/opt-out-sets.js';
import { cannotReceive } from './cannot-receive.js';
import { dayOf, listOf } from '../../../vocabulary/words.js';

/** What a channel carries, within a sentence: "Opt out of all e-mail". */
export const channelMatter: Readonly<Record<Channel, string>> = {
  EMAIL: 'e-mail',
  WHATSAPP: 'WhatsApp messages',
  SMS: 'text messages',
};

/** A channel after "by", within a sentence: "by e-mail". */
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

/** "Northwind Outdoors, by e-mail to alice@example.com" */
export function unitAndAddress(
  catalogue: Pick<Catalogue, 'units'>,
  unitId: number | null,
  { channel, address }: { channel: Channel; address: string },
): string {
  return `${unitName(catalogue, unitId)}, by ${channelWays[channel]} to ${address}`;
}

/** Other parties that opted out of the same. Their opt-outs remain after the deciding one is removed. */
export function alsoOut(set: OptOutSet | null | undefined): string[] {
  const others = [...new Set(othersOf(set).map(({ by }) => nameOfKind(by)))];
  return others.length > 0 ? [`also opted out by: ${others.join(', ')}`] : [];
}

/** One party's opt-out was removed: which, and whether others' remain. */
function removedSentence(
  { removes = 'AUTOMATED', to }: Pick<Extract<Change, { op: 'STATUS' | 'OPT_OUT_OF_ALL' }>, 'removes' | 'to'>,
  what: string,
): string {
  const remains = to === true || to === 'UNSUBSCRIBED' ? '; still opted out' : '';
  if (removes === 'AUTOMATED') return `Automated opt-out of ${what} corrected${remains}`;
  return `Opt-out of ${what} by ${removes === 'STAFF' ? 'staff' : 'an import'} removed${remains}`;
}

/** What a change was, as a sentence without its full stop. */
export function changeSentence(change: Change, catalogue: Catalogue): string {
  const unit = unitName(catalogue, change.unitId);
  const type = change.typeId === null ? '' : typeName(catalogue, change.typeId);
  switch (change.op) {
    case 'STATUS':
      if (change.isMovedDown) return `Still opted out of ${type}`;
      if (change.removes || change.isHandedBack) return removedSentence(change, type);
      if (change.to === 'NOT_SPECIFIED') return `${type} set back to not specified`;
      return `${change.to === 'SUBSCRIBED' ? 'Subscribed to' : 'Opted out of'} ${type}`;
    case 'OPT_OUT_OF_ALL': {
      const all = change.unitId === null ? 'everything' : `all of ${unit}`;
      if (change.isMovedDown) return `Still opted out of ${all}`;
      if (change.removes || change.isHandedBack) return removedSentence(change, all);
      return change.to ? `Opted out of ${all}` : `Opt-out of ${all} removed`;
    }
    case 'SNOOZE':
      return change.to ? `${type} paused until ${dayOf(change.to, catalogue.timeZone)}` : `${type} resumed`;
    case 'PENDING':
      return `Asked for ${listOf(change.typeIds.map((id) => typeName(catalogue, id)))}, to be confirmed`;
    case 'CONFIRMED':
      return 'Confirmed by mail';
    case 'UNDELIVERABLE':
      return change.reason === 'COMPLAINT' ? 'Reported a mail as spam' : cannotReceive(change);
    case 'DELIVERABLE':
      return change.was === 'COMPLAINT' ? 'Report of spam cleared' : 'Bounce cleared';
    case 'ONE_TIME_BASIS':
      return `${change.purpose === 'CALL' ? 'A call' : 'A one-to-one mail'} of ${unit}, on a basis of its own`;
    case 'LINKS_REVOKED':
      return 'Links revoked';
    case 'ERASED':
      return 'Personal data erased';
  }
}

/** One event of a history as a line for the contact. */
import type { Change, ConsentEvent } from '../../vocabulary/terms.js';
import type { MyHistoryPage } from '../../views/public-pages.js';
import type { Speaker } from './frame.js';
import type { OpenedLink } from './link.js';
import { typeNames, unitName } from '../../domain/wordings/naming.js';

type Reader = Pick<OpenedLink<'preferences'>, 'catalogue' | 'words'> & Pick<Speaker, 'unit'>;

export function eventLine(event: ConsentEvent, reader: Reader): MyHistoryPage['events'][number] {
  const { words } = reader;
  const basis = event.legalBasis && words.copy[`basis${event.legalBasis}`];
  return {
    when: words.moment(event.at),
    isoTime: event.at.toISOString(),
    what: whatOf(event.change, reader),
    by: event.isMachine
      ? words.t('byMachine')
      : words.t(byKey(event.actor), { unit: unitNameOf(event.change.unitId, reader) }),
    ...(basis ? { basis: words.t('basisLine', { basis }) } : {}),
  };
}

function byKey({ kind, by }: ConsentEvent['actor']): string {
  return kind === 'CONTACT' && by ? 'byCopiedLink' : `by${kind}`;
}

function whatOf(change: Change, reader: Reader): string {
  const { words } = reader;
  const unit = unitNameOf(change.unitId, reader);
  switch (change.op) {
    case 'STATUS':
      return words.t(statusKeys[change.to], { type: typeName(change.typeId, reader), unit });
    case 'OPT_OUT_OF_ALL':
      return words.t(`eventAll${change.unitId === null ? 'Portal' : 'Unit'}${change.to ? 'Off' : 'On'}`, {
        unit,
      });
    case 'SNOOZE':
      return change.to
        ? words.t('eventPaused', { type: typeName(change.typeId, reader), day: words.day(change.to) })
        : words.t('eventResumed', { type: typeName(change.typeId, reader) });
    case 'PENDING':
      return words.t('eventPending', {
        types: words.list(typeNames(reader.catalogue, change.typeIds, words.locale)),
      });
    case 'CONFIRMED':
      return words.t('eventConfirmed');
    case 'UNDELIVERABLE':
      return words.t('eventUndeliverable');
    case 'DELIVERABLE':
      return words.t('eventDeliverable');
    case 'ONE_TIME_BASIS':
      return words.t(`eventOneTime${change.purpose}`, { unit });
    case 'LINKS_REVOKED':
      return words.t('eventLinksRevoked');
    case 'ERASED':
      return words.t('eventErased');
  }
}

const statusKeys = {
  SUBSCRIBED: 'eventStatusOn',
  UNSUBSCRIBED: 'eventStatusOff',
  NOT_SPECIFIED: 'eventStatusNone',
} as const;

function typeName(typeId: number, { catalogue, words }: Reader): string {
  return typeNames(catalogue, [typeId], words.locale)[0] ?? '';
}

function unitNameOf(unitId: number | null, { catalogue, words, unit }: Reader): string {
  const own = unitId === null ? undefined : catalogue.units.get(unitId);
  return unitName(own ?? unit, words.locale);
}

/** One event of a history as a line for the contact. */
import type { Change, ConsentEvent } from '../../vocabulary/terms.js';
import type { MyHistoryPage } from '../../views/public-pages.js';
import type { Words } from '../../views/contract.js';
import type { Speaker } from './frame.js';
import type { OpenedLink } from './link.js';
import { typeIn, unitIn } from '../../domain/wordings/naming.js';

type Reader = Pick<OpenedLink<'preferences'>, 'catalogue' | 'words'> & Pick<Speaker, 'unit'>;

export function eventLine(event: ConsentEvent, reader: Reader): MyHistoryPage['events'][number] {
  const { words } = reader;
  const basis = event.legalBasis && words.copy[`basis${event.legalBasis}`];
  return {
    when: words.moment(event.at),
    isoTime: event.at.toISOString(),
    what: whatOf(event.change, reader),
    by: event.isMachine
      ? (words.copy['byMachine'] ?? '')
      : words.t(byKey(event.actor), { unit: unitName(event.change.unitId, reader) }),
    ...(basis ? { basis: words.t('basisLine', { basis }) } : {}),
  };
}

function byKey({ kind, by }: ConsentEvent['actor']): string {
  return kind === 'CONTACT' && by ? 'byCopiedLink' : `by${kind}`;
}

function whatOf(change: Change, reader: Reader): string {
  const { words } = reader;
  const unit = unitName(change.unitId, reader);
  const day = (at: Date) => words.day(at);
  switch (change.op) {
    case 'STATUS':
      return words.t(statusKeys[change.to], { type: typeName(change.typeId, reader), unit });
    case 'OPT_OUT_OF_ALL':
      return words.t(`eventAll${change.unitId === null ? 'Portal' : 'Unit'}${change.to ? 'Off' : 'On'}`, {
        unit,
      });
    case 'SNOOZE':
      return change.to
        ? words.t('eventPaused', { type: typeName(change.typeId, reader), day: day(change.to) })
        : words.t('eventResumed', { type: typeName(change.typeId, reader) });
    case 'PENDING':
      return words.t('eventPending', { types: words.list(change.typeIds.map((id) => typeName(id, reader))) });
    case 'CONFIRMED':
      return fixed(words, 'eventConfirmed');
    case 'UNDELIVERABLE':
      return fixed(words, 'eventUndeliverable');
    case 'DELIVERABLE':
      return fixed(words, 'eventDeliverable');
    case 'ONE_TIME_BASIS':
      return words.t(`eventOneTime${change.purpose}`, { unit });
    case 'LINKS_REVOKED':
      return fixed(words, 'eventLinksRevoked');
    case 'ERASED':
      return fixed(words, 'eventErased');
  }
}

const statusKeys = {
  SUBSCRIBED: 'eventStatusOn',
  UNSUBSCRIBED: 'eventStatusOff',
  NOT_SPECIFIED: 'eventStatusNone',
} as const;

function fixed({ copy }: Words, key: string): string {
  return copy[key] ?? key;
}

function typeName(typeId: number, { catalogue, words }: Reader): string {
  const type = catalogue.types.get(typeId);
  return type ? typeIn(type, words.locale).name : '';
}

function unitName(unitId: number | null, { catalogue, words, unit }: Reader): string {
  const named = (unitId === null ? undefined : catalogue.units.get(unitId)) ?? unit;
  return named ? unitIn(named, words.locale).name : '';
}

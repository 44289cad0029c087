/** Tells what still arrives after an opt-out of all: the transactional types that the units have. */
import { isCoveredByAll } from '../consent/effective.js';
import type { BusinessUnit, Catalogue, Channel, SubscriptionType } from '../../vocabulary/terms.js';
import type { Words } from '../../views/contract.js';
import { typeIn, unitName } from './naming.js';

/**
 * One sentence, or an empty text if the units have no transactional type. An internal type is never named.
 * @param unitId the unit whose messages stop; null for all units
 */
export function stillArrives(
  { orderedTypes }: Pick<Catalogue, 'orderedTypes'>,
  { channel, unitId }: { channel: Channel; unitId: number | null },
  words: Pick<Words, 't' | 'list' | 'locale'>,
): string {
  const own = orderedTypes.filter(
    (type) =>
      !isCoveredByAll(type) &&
      type.isActive &&
      type.channel === channel &&
      (unitId === null || type.unitId === unitId),
  );
  if (own.length === 0) return '';
  const names = own.filter(({ isInternal }) => !isInternal).map((type) => typeIn(type, words.locale).name);
  if (names.length === 0) return words.t('stillArrivesUnnamed');
  return words.t('stillArrives', { types: words.list(names) });
}

/** For a unit and for the account: nothing at all, or no news or offers if transactional types continue. */
const stopped = {
  NOW: { unit: ['nowStoppedUnit', 'unsubscribeTextUnit'], all: ['nowStoppedAll', 'noMoreNewsAll'] },
  /** It is in effect, and a type can be switched on. */
  STANDING: { unit: ['standingUnit', 'standingNewsUnit'], all: ['standingAll', 'standingNewsAll'] },
} as const;

/**
 * The result of an opt-out of all, in sentences. No page says "nothing" if something still arrives.
 * @param unit whose messages stop; null for all units
 */
export function whatStopped(
  when: keyof typeof stopped,
  catalogue: Pick<Catalogue, 'orderedTypes'>,
  { channel, unit }: { channel: Channel; unit: BusinessUnit | null },
  words: Pick<Words, 't' | 'list' | 'locale'>,
): string[] {
  const arrives = stillArrives(catalogue, { channel, unitId: unit?.id ?? null }, words);
  const [nothing, noNews] = stopped[when][unit ? 'unit' : 'all'];
  const said = words.t(arrives ? noNews : nothing, { unit: unitName(unit, words.locale) });
  return arrives ? [said, arrives] : [said];
}

/**
 * The result of an opt-out of single types. An opt-out of a transactional type is recorded, but its messages are still sent (specification "May we
 * send?"). So no sentence says that they end.
 */
export function whatEnded(
  types: readonly SubscriptionType[],
  words: Pick<Words, 't' | 'list' | 'locale'>,
): string[] {
  const say = (key: string, chosen: readonly SubscriptionType[]) => {
    const names = words.list(chosen.map((type) => typeIn(type, words.locale).name));
    return chosen.length > 0 ? [words.t(key, { names, count: chosen.length })] : [];
  };
  const transactional = say(
    'optedOutOf',
    types.filter((type) => !isCoveredByAll(type)),
  );
  return [
    ...say('nowOff', types.filter(isCoveredByAll)),
    ...transactional,
    ...(transactional.length > 0 ? [words.t('stillArrivesUnnamed')] : []),
  ];
}

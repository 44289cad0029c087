/** What still arrives after an opt-out of all: the transactional types that the units really have. */
import { isCoveredByAll } from '../consent/effective.js';
import type { Catalogue, Channel } from '../../vocabulary/terms.js';
import type { Words } from '../../views/contract.js';
import { typeIn } from './naming.js';

/**
 * One sentence, or an empty text where the units have no transactional type. An internal type is never named.
 * @param unitId the unit whose messages stop; null for all units
 */
export function stillArrives(
  { orderedTypes }: Pick<Catalogue, 'orderedTypes'>,
  { channel, unitId }: { channel: Channel; unitId: number | null },
  words: Pick<Words, 'copy' | 't' | 'list' | 'locale'>,
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
  if (names.length === 0) return words.copy['stillArrivesUnnamed'] ?? '';
  return words.t('stillArrives', { types: words.list(names) });
}

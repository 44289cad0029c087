/** Imports units and types from a file into the account. */
import type { Models } from '../../models/index.js';
import { raiseCatalogueVersion } from '../../models/setting.js';
import type { StoredUnit, SubscriptionType } from '../../vocabulary/terms.js';

export interface WantedCatalogue {
  units: StoredUnit[];
  types: SubscriptionType[];
  /** Undefined: unchanged. */
  isPrivacyMode: boolean | undefined;
  /** Undefined: unchanged; null: none. */
  defaultCountry?: string | null | undefined;
  /** Undefined: unchanged. */
  timeZone?: string | undefined;
}

/**
 * Adds missing units and types and updates existing ones, by id. Repeating it, also after a failure, gives the same result. Units come first, so that
 * a type always has its unit.
 */
export async function importCatalogue(
  { units, types, settings }: Pick<Models, 'units' | 'types' | 'settings'>,
  wanted: WantedCatalogue,
): Promise<void> {
  for (const { id, ...unit } of wanted.units) {
    const change = { $set: unit, $inc: { version: 1 }, ...(unit.logo ? {} : { $unset: { logo: 1 } }) };
    await units.updateOne({ _id: id }, change, { upsert: true });
  }
  for (const { id, ...type } of wanted.types)
    await types.updateOne({ _id: id }, { $set: type, $inc: { version: 1 } }, { upsert: true });
  const { isPrivacyMode, defaultCountry, timeZone } = wanted;
  const account = {
    ...(isPrivacyMode === undefined ? {} : { 'value.isPrivacyMode': isPrivacyMode }),
    ...(defaultCountry === undefined ? {} : { 'value.defaultCountry': defaultCountry }),
    ...(timeZone === undefined ? {} : { 'value.timeZone': timeZone }),
  };
  if (Object.keys(account).length > 0)
    await settings.updateOne(
      { _id: 'account' },
      { $set: account, $inc: { 'value.version': 1 } },
      { upsert: true },
    );
  await raiseCatalogueVersion(settings);
}

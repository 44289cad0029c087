/** The account's own settings: data privacy mode, the country of its phone numbers, its time zone, and the properties that the index offers as filters. */
import { z } from 'zod';
import type { Config } from '../../config.js';
import { propertyName } from '../../models/contact-property.js';
import type { Models } from '../../models/index.js';
import { saveSetting } from '../../models/setting.js';
import { reading, writing } from '../consent/durability.js';
import { announceChange, type CatalogueDeps, type Saved } from './contract.js';
import { country, timeZone, yesOrNo } from './fields.js';

/** Maximum number of filters on a page; each is a part of the index. */
export const mostFilterProperties = 12;

export const accountFields = z.strictObject({
  isPrivacyMode: yesOrNo,
  defaultCountry: country.nullable(),
  timeZone,
  filterProperties: z
    .array(z.string().regex(propertyName, 'contains an invalid property name'))
    .max(mostFilterProperties, `has more than ${mostFilterProperties} names`),
});
export type AccountFields = z.infer<typeof accountFields>;

const stored = z.object({
  value: z.object({
    isPrivacyMode: z.boolean().default(true),
    defaultCountry: z.string().nullable().default(null),
    timeZone: z.string().optional(),
    filterProperties: z.array(z.string()).default([]),
    version: z.number().default(0),
  }),
});

/** The account's current settings. Before the first set-up, privacy mode is on. */
export async function readAccount({
  models,
  config,
}: {
  models: Pick<Models, 'settings'>;
  config: Pick<Config, 'timeZone'>;
}): Promise<AccountFields & { version: number }> {
  const found = await reading(() => models.settings.findById('account').lean());
  const account = stored.parse({ value: found?.value ?? {} }).value;
  return { ...account, timeZone: account.timeZone ?? config.timeZone };
}

/**
 * Changes the settings if no other change has been made since `version` was shown.
 * @throws DomainError `OUTCOME_UNKNOWN`, which is safe to repeat
 */
export async function changeAccount(
  deps: CatalogueDeps,
  version: number,
  { isPrivacyMode, defaultCountry, timeZone: zone, filterProperties }: AccountFields,
): Promise<Saved> {
  const fields = { isPrivacyMode, defaultCountry, timeZone: zone, filterProperties };
  const saved = await writing(() => saveSetting(deps.models.settings, { id: 'account', version }, fields));
  await announceChange(deps);
  return saved;
}

/** What changed, for the audit log; empty if nothing did. */
export function changesOf(before: AccountFields, after: AccountFields): string {
  return [
    ...(before.isPrivacyMode === after.isPrivacyMode
      ? []
      : [`privacy mode ${after.isPrivacyMode ? 'on' : 'off'}`]),
    ...(before.defaultCountry === after.defaultCountry
      ? []
      : [`country of phone numbers ${after.defaultCountry ?? 'none'}`]),
    ...(before.timeZone === after.timeZone ? [] : [`time zone ${after.timeZone}`]),
    ...(before.filterProperties.join() === after.filterProperties.join() ? [] : ['filters']),
  ].join(', ');
}

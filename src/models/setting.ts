/** The account's settings, one document each: data privacy mode, the version of the catalogue, the name of this installation, the fingerprint of the subscriber key, the schema version, links that make the first user, what facets were made of, the types of contacts' properties, marketing contacts, the highest number of a contact. */
import { randomUUID } from 'node:crypto';
import mongoose, { Schema, type Model } from 'mongoose';
import { z } from 'zod';
import { isDuplicateKey } from './database-fault.js';
import { upsertById } from './upsert.js';
import { valueKinds, type PropertyDefinition } from '../vocabulary/properties.js';
import { actorKinds } from '../vocabulary/terms.js';

export interface SettingDocument {
  _id:
    | 'account'
    | 'catalogue'
    | 'installation'
    | 'subscriber-key'
    | 'schema'
    | 'set-up'
    | 'contact-facets'
    | 'contact-number'
    | 'properties'
    | 'soft-bounces'
    | 'marketing'
    | 'marketing-update'
    | 'marketing-usage';
  value: unknown;
}

export const settingSchema = new Schema<SettingDocument>(
  { _id: { type: String, required: true }, value: { type: Schema.Types.Mixed, required: true } },
  { collection: 'settings', minimize: false, versionKey: false },
);

/** Lower-case names of the contacts' properties that are offered as filters; empty offers all. */
export async function readFilterProperties(model: SettingModel): Promise<string[]> {
  const account = await model.findById('account').lean();
  const names: unknown = Object(account?.value)['filterProperties'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

/** The properties of contacts that have a type, and the version of the list: 0 before the first change. */
export async function readPropertyDefinitions(
  model: SettingModel,
): Promise<{ definitions: PropertyDefinition[]; version: number }> {
  const found = await model.findById('properties').lean();
  const read = storedProperties.safeParse(found?.value);
  return read.success ? read.data : { definitions: [], version: 0 };
}

const storedProperties = z.object({
  definitions: z.array(
    z.object({ name: z.string(), kind: z.enum(valueKinds), choices: z.array(z.string()) }),
  ),
  version: z.number(),
});

const storedMarketing = z.object({
  /** Day of the month at whose start non-marketing takes effect; in shorter months the last day. */
  day: z.int().min(1).max(31).default(1),
  /** Marketing contacts that the plan allows; null for no limit. */
  limit: z.int().min(1).nullable().default(null),
  nonMarketingSources: z.array(z.enum(actorKinds)).default([]),
  version: z.int().default(0),
});
export type MarketingSettings = z.infer<typeof storedMarketing>;

/** The settings of marketing contacts. As long as nothing was chosen, every contact is one. */
export async function readMarketingSettings(model: SettingModel): Promise<MarketingSettings> {
  const found = await model.findById('marketing').lean();
  return storedMarketing.safeParse(found?.value ?? {}).data ?? storedMarketing.parse({});
}

/**
 * Writes fields of a setting's value if it still has the version that was read, and raises the version. Version 0 is a setting that was never written.
 * @returns `STALE` if another process wrote it in the meantime
 */
export async function saveSetting(
  model: SettingModel,
  { id, version }: { id: SettingDocument['_id']; version: number },
  fields: Record<string, unknown>,
): Promise<'SAVED' | 'STALE'> {
  const condition = version === 0 ? mongoose.trusted({ $exists: false }) : version;
  const set = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`value.${name}`, value]));
  try {
    const result = await model.updateOne(
      { _id: id, 'value.version': condition },
      { $set: { ...set, 'value.version': version + 1 } },
      { upsert: version === 0 },
    );
    return result.matchedCount + result.upsertedCount === 1 ? 'SAVED' : 'STALE';
  } catch (error) {
    if (isDuplicateKey(error)) return 'STALE';
    throw error;
  }
}

/** A number that every change of units, types or the account raises; 0 before the first. */
export async function readCatalogueVersion(model: SettingModel): Promise<number> {
  const found = await model.findById('catalogue').lean();
  return typeof found?.value === 'number' ? found.value : 0;
}

/** Makes every process read the catalogue again within seconds. Call it after the change is written. */
export async function raiseCatalogueVersion(model: SettingModel): Promise<void> {
  await model.updateOne({ _id: 'catalogue' }, { $inc: { value: 1 } }, { upsert: true });
}

/** @returns the random name of the installation that this database belongs to; the first process creates it */
export async function nameInstallation(model: SettingModel): Promise<string> {
  const kept = await upsertById<SettingDocument>(model, 'installation', {
    $setOnInsert: { value: randomUUID() },
  });
  return String(kept.value);
}

export type SettingModel = Model<SettingDocument>;

/** Takes the next numbers of contacts, and may leave some out. @returns the last one */
export async function takeContactNumbers(model: SettingModel, count: number): Promise<number> {
  const kept = await upsertById<SettingDocument>(model, 'contact-number', { $inc: { value: count } });
  return Number(kept.value);
}

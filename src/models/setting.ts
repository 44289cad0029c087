/** The account's settings, one document each: data privacy mode, the fingerprint of the subscriber key, the schema version, links that make the first user, what facets were made of. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';

export interface SettingDocument {
  _id: 'account' | 'subscriber-key' | 'schema' | 'set-up' | 'contact-facets';
  value: unknown;
}

const schema = new Schema<SettingDocument>(
  { _id: { type: String, required: true }, value: { type: Schema.Types.Mixed, required: true } },
  { collection: 'settings', minimize: false, versionKey: false },
);

/** Names of the contacts' properties that are offered as filters, in small letters; empty offers all. */
export async function readFilterProperties(model: SettingModel): Promise<string[]> {
  const account = await model.findById('account').lean();
  const names: unknown = Object(account?.value)['filterProperties'];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}

export type SettingModel = Model<SettingDocument>;

export function settingModel(connection: Connection): SettingModel {
  return connection.model<SettingDocument>('Setting', schema);
}

/** Business units: the brands that send mail. */
import { Schema, type Model } from 'mongoose';
import type { Logo, StoredUnit } from '../vocabulary/terms.js';

export type BusinessUnitDocument = Omit<StoredUnit, 'id'> & {
  _id: number;
  /** Raised by each change; a form's change is conditional on it. Absent before the first change. */
  version?: number;
  /** The call of the API that created it. Absent if staff did. */
  callId?: string;
};

export const businessUnitSchema = new Schema<BusinessUnitDocument>(
  {
    _id: { type: Number, required: true },
    name: { type: String, required: true },
    // Mixed, so that a unit without a logo has no such field.
    logo: Schema.Types.Mixed,
    accent: { light: { type: String, required: true }, dark: { type: String, required: true } },
    senderName: { type: String, required: true },
    senderAddress: { type: String, required: true },
    postalAddress: { type: String, required: true },
    privacyPolicyUrl: { type: String, required: true },
    defaultLocale: { type: String, required: true },
    hasDoubleOptIn: { type: Boolean, required: true },
    translations: { type: Schema.Types.Mixed, default: {} },
    version: Number,
    callId: String,
  },
  { collection: 'business_units', minimize: false, versionKey: false },
);

/** A unit's logo, including the picture; null if it has none. */
export async function findLogo(model: BusinessUnitModel, id: number): Promise<Logo | null> {
  const unit = await model.findById(id, { logo: 1 }).lean<Pick<BusinessUnitDocument, 'logo'>>();
  return unit?.logo ?? null;
}

export type BusinessUnitModel = Model<BusinessUnitDocument>;

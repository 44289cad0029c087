/** Creates and changes business units. */
import mongoose from 'mongoose';
import type { BusinessUnitDocument } from '../../models/business-unit.js';
import type { Models } from '../../models/index.js';
import { accentPair } from '../../views/brand-style.js';
import { reading, writing } from '../consent/durability.js';
import type { BusinessUnit, Logo, StoredUnit } from '../../vocabulary/terms.js';
import { announceChange, type CatalogueDeps, type Saved } from './contract.js';
import type { UnitFields } from './fields.js';
import { insertUnderFreeId } from './ids.js';

export interface UnitWish extends UnitFields {
  /** The new logo; null removes it; undefined keeps it. */
  logo?: Logo | null | undefined;
}

/** The first unit of an account is its default unit (specification "Terms"). */
const firstUnitId = 0;

/** A unit as stored, with the version that a change must name; null if it does not exist. */
export async function findUnit(
  models: Pick<Models, 'units'>,
  id: number,
): Promise<{ unit: StoredUnit; version: number } | null> {
  const found = await reading(() => models.units.findById(id).lean<BusinessUnitDocument>());
  if (!found) return null;
  const { _id, version = 0, callId: _, ...unit } = found;
  return { unit: { ...unit, id: _id }, version };
}

/** @param callId as for `insertUnderFreeId` */
export async function addUnit(
  deps: CatalogueDeps,
  wish: UnitWish,
  callId?: string,
): Promise<{ id: number; isNew: boolean }> {
  const { logo, ...fields } = wish;
  const unit = { ...written(fields), ...(logo ? { logo } : {}), ...(callId && { callId }), version: 1 };
  const made = await insertUnderFreeId(
    { first: firstUnitId, callId },
    () => deps.models.units.find({}, { callId: 1 }).lean(),
    (free) => deps.models.units.insertOne({ _id: free, ...unit }),
  );
  await announceChange(deps);
  return made;
}

/**
 * Changes a unit if no other change has been made since `version` was shown.
 * @throws DomainError `OUTCOME_UNKNOWN`, which is safe to repeat
 */
export async function changeUnit(
  deps: CatalogueDeps,
  id: number,
  version: number,
  wish: UnitWish,
): Promise<Saved> {
  const { logo, ...fields } = wish;
  const stored = await findUnit(deps.models, id);
  const unit = { ...written(fields, stored?.unit.accent), ...(logo ? { logo } : {}) };
  const change = {
    $set: unit,
    $inc: { version: 1 },
    ...(logo === null ? { $unset: { logo: 1 } } : {}),
  };
  const result = await writing(() => deps.models.units.updateOne({ _id: id, ...atVersion(version) }, change));
  await announceChange(deps);
  return result.matchedCount === 1 ? 'SAVED' : 'STALE';
}

/** The condition on a version; 0 means that no change has set one yet. */
export function atVersion(version: number) {
  return { version: version === 0 ? mongoose.trusted({ $exists: false }) : version };
}

function written(
  { accent, senderName, ...fields }: UnitFields,
  before?: BusinessUnit['accent'],
): Omit<BusinessUnit, 'id' | 'logo'> {
  return {
    ...fields,
    senderName: senderName ?? fields.name,
    // A form shows only the light colour. If it comes back unchanged, the stored dark one stays.
    accent: before?.light === accent.toLowerCase() ? before : accentPair(accent),
  };
}

/** Creates, changes, orders, archives and restores subscription types. */
import type { Models } from '../../models/index.js';
import type { SubscriptionTypeDocument } from '../../models/subscription-type.js';
import { reading, writing } from '../consent/durability.js';
import type { SubscriptionType } from '../../vocabulary/terms.js';
import { announceChange, type CatalogueDeps, type Saved } from './contract.js';
import type { TypeFields } from './fields.js';
import { insertUnderFreeId } from './ids.js';
import { atVersion } from './units.js';

const firstTypeId = 1;

/** A type as stored, with the version that a change must name; null if it does not exist. */
export async function findType(
  models: Pick<Models, 'types'>,
  id: number,
): Promise<{ type: SubscriptionType; version: number } | null> {
  const found = await reading(() => models.types.findById(id).lean<SubscriptionTypeDocument>());
  if (!found) return null;
  const { _id, version = 0, callId: _, moveId: __, ...type } = found;
  return { type: { ...type, id: _id }, version };
}

/**
 * Creates a type as the last of its unit.
 * @param unitId of an existing unit
 * @param callId as for `insertUnderFreeId`
 */
export async function addType(
  deps: CatalogueDeps,
  unitId: number,
  fields: TypeFields,
  callId?: string,
): Promise<{ id: number; isNew: boolean }> {
  const { models } = deps;
  const last = await reading(() => models.types.findOne({ unitId }, { order: 1 }).sort({ order: -1 }).lean());
  const order = (last?.order ?? 0) + 1;
  const type = { ...fields, ...(callId && { callId }), unitId, isActive: true, order, version: 1 };
  const made = await insertUnderFreeId(
    { first: firstTypeId, callId },
    () => models.types.find({}, { callId: 1 }).lean(),
    (free) => models.types.insertOne({ _id: free, ...type }),
  );
  await announceChange(deps);
  return made;
}

/**
 * Changes a type if no other change has been made since `version` was shown. Its unit and channel never change. Events name neither, so after a move
 * an opt-out would count for another brand.
 * @throws DomainError `OUTCOME_UNKNOWN`, which is safe to repeat
 */
export async function changeType(
  deps: CatalogueDeps,
  id: number,
  version: number,
  { channel: _, ...fields }: TypeFields,
): Promise<Saved> {
  const result = await writing(() =>
    deps.models.types.updateOne({ _id: id, ...atVersion(version) }, { $set: fields, $inc: { version: 1 } }),
  );
  await announceChange(deps);
  return result.matchedCount === 1 ? 'SAVED' : 'STALE';
}

/** Archives a type or restores it; repeating it changes nothing. @returns whether this changed anything */
export async function setTypeActive(deps: CatalogueDeps, id: number, isActive: boolean): Promise<boolean> {
  const result = await writing(() =>
    deps.models.types.updateOne(
      { _id: id, isActive: !isActive },
      { $set: { isActive }, $inc: { version: 1 } },
    ),
  );
  await announceChange(deps);
  return result.modifiedCount === 1;
}

/**
 * Moves a type one place among the active ones of its unit. The first cannot move up, the last cannot move down. Two concurrent moves lose no type
 * and leave an order that one of them could have made.
 * @param moveId names the move, if it may be repeated: a repeat moves nothing
 */
export async function moveType(
  deps: CatalogueDeps,
  { id, unitId }: Pick<SubscriptionType, 'id' | 'unitId'>,
  direction: 'UP' | 'DOWN',
  moveId?: string,
): Promise<void> {
  const { models } = deps;
  const found = await reading(() =>
    models.types.find({ unitId, isActive: true }, { order: 1, moveId: 1 }).lean(),
  );
  if (moveId !== undefined && found.some((one) => one.moveId === moveId)) return;
  const ids = found.sort((a, b) => a.order - b.order || a._id - b._id).map(({ _id }) => _id);
  const from = ids.indexOf(id);
  const to = from + (direction === 'UP' ? -1 : 1);
  const other = ids[to];
  if (from < 0 || other === undefined) return;
  ids[to] = id;
  ids[from] = other;
  // The version does not change, since an open form does not contain the order.
  const moves = ids.map((one, at) => ({
    updateOne: {
      filter: { _id: one },
      update: { $set: { order: at + 1, ...(one === id && moveId !== undefined && { moveId }) } },
    },
  }));
  await writing(() => models.types.bulkWrite(moves));
  await announceChange(deps);
}

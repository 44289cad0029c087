/** Updates of several documents under a condition: for every database, also one that reads a whole collection where a query asks for more than ids. */

/**
 * One statement that sets fields of these documents where the condition holds. The condition is part of the update, so the documents are found by their
 * ids alone.
 * @param condition an expression of the aggregation language, such as `{ $eq: ['$fence', 3] }`
 * @param fields an expression that gives an object; plain values need `$literal`
 * @returns filter and update; those where the condition holds are modified if the fields differ, and the others only match
 */
export function updateIf(ids: readonly string[], condition: object, fields: object) {
  const changed = { $mergeObjects: ['$$ROOT', fields] };
  return {
    filter: { _id: { $in: ids as never[] } },
    update: [{ $replaceWith: { $cond: [condition, changed, '$$ROOT'] } }],
  };
}

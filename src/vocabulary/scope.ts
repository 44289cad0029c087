/** Which business units a user or an API key reaches: what lies outside does not exist for it (specification "Accounts"). */

/** Ids of business units; null reaches all of them, those that are yet to come too. */
export type Scope = readonly number[] | null;

/** @param unitId null stands for the whole account (a portal-wide act), which only an unlimited scope reaches */
export function isInScope(scope: Scope, unitId: number | null): boolean {
  return scope === null || (unitId !== null && scope.includes(unitId));
}

/** True where one of the units is reached, as for a contact that belongs to several. */
export function isAnyInScope(scope: Scope, unitIds: readonly number[]): boolean {
  return scope === null || unitIds.some((unitId) => scope.includes(unitId));
}

/** True where every unit of the one is reached by the other: a user who hands out access gives no more than their own. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  return outer === null || (inner !== null && inner.every((unitId) => outer.includes(unitId)));
}

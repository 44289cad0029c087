/** The business units that a user or an API key reaches. Outside the scope nothing exists (specification "Accounts"). */

/** Ids of business units; null means all of them, including future ones. */
export type Scope = readonly number[] | null;

/** @param unitId null means the whole account (a portal-wide act), which only an unlimited scope reaches */
export function isInScope(scope: Scope, unitId: number | null): boolean {
  return scope === null || (unitId !== null && scope.includes(unitId));
}

/** True if one of the units is in the scope, as for a contact that belongs to several. */
export function isAnyInScope(scope: Scope, unitIds: readonly number[]): boolean {
  return scope === null || unitIds.some((unitId) => scope.includes(unitId));
}

/** True if the second scope contains every unit of the first: users cannot give more access than they have. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  return outer === null || (inner !== null && inner.every((unitId) => outer.includes(unitId)));
}

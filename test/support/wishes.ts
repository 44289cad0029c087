/** Wishes of acts, by the type or unit that they are about, and who makes them. */
import type { Actor, ConsentState, OptOutSet, Wish } from '../../src/vocabulary/terms.js';

export const optIn = (type: { id: number }) => ({ kind: 'OPT_IN', typeId: type.id }) as const;
export const optOut = (type: { id: number }) => ({ kind: 'OPT_OUT', typeId: type.id }) as const;
export const stop = (unitId: number | null) => ({ kind: 'OPT_OUT_OF_ALL', unitId }) as const;
export const lift = (unitId: number | null) => ({ kind: 'LIFT_OPT_OUT_OF_ALL', unitId }) as const;

export const importer = (id: number | string): Actor => ({ kind: 'IMPORT', ref: `import:${id}` });

/** The opt-out set that an opt-out wish concerns. */
export function setFor({ optOuts }: ConsentState, wish: Wish): OptOutSet | null {
  if (wish.kind === 'OPT_OUT') return optOuts.types[wish.typeId] ?? null;
  if (wish.kind !== 'OPT_OUT_OF_ALL') return null;
  return wish.unitId === null ? optOuts.portal : (optOuts.units[wish.unitId] ?? null);
}

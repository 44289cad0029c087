/** A stored wording (JSON) as nested sentences. */
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import type { WordingPart } from '../../../views/admin-record-pages.js';

/**
 * The sentences of the page, in their order.
 * @param text JSON of the stored wording
 * @param scope units outside it are left out
 */
export function wordingParts(text: string, scope: Scope): WordingPart[] {
  try {
    return partsOf(JSON.parse(text), scope);
  } catch {
    return [{ text, parts: [] }];
  }
}

function partsOf(value: unknown, scope: Scope): WordingPart[] {
  if (typeof value === 'string') return value === '' ? [] : [{ text: value, parts: [] }];
  if (Array.isArray(value)) return value.flatMap((item: unknown) => partsOf(item, scope));
  if (typeof value !== 'object' || value === null) return [];
  const fields = Object.entries(value);
  const own = fields.filter(([name]) => name !== 'units');
  const units: unknown = Object(value)['units'];
  const parts = own.flatMap(([, field]: [string, unknown]) => partsOf(field, scope));
  if (!Array.isArray(units)) return nested(value, parts);
  return [...parts, ...units.flatMap((unit: unknown) => (reaches(scope, unit) ? partsOf(unit, scope) : []))];
}

/** A name becomes the heading of its object: a unit over its types, a type over its sentence. */
function nested(value: object, parts: WordingPart[]): WordingPart[] {
  const name: unknown = Object(value)['name'];
  const [first, ...rest] = parts;
  return typeof name === 'string' && first?.text === name ? [{ text: name, parts: rest }] : parts;
}

function reaches(scope: Scope, unit: unknown): boolean {
  const id: unknown = Object(unit)['id'];
  return typeof id === 'number' && isInScope(scope, id);
}

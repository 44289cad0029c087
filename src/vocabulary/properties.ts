/** Kinds of values, and the properties of contacts that have one. */

export const valueKinds = ['TEXT', 'NUMBER', 'DATE', 'YES_NO', 'CHOICE'] as const;
/** The kind of value of a contact's property, which a filter compares. */
export type ValueKind = (typeof valueKinds)[number];

/** A property of contacts with a type. Properties without a definition are texts. */
export interface PropertyDefinition {
  name: string;
  kind: ValueKind;
  /** Of a `CHOICE`. */
  choices: string[];
}

/** A property without a definition. */
export function textProperty(name: string): PropertyDefinition {
  return { name, kind: 'TEXT', choices: [] };
}

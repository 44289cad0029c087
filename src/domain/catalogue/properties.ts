/** Types of the properties of contacts, which filters and the forms of contacts use. */
import { z } from 'zod';
import { propertyName } from '../../models/contact-property.js';
import { readPropertyDefinitions, saveSetting } from '../../models/setting.js';
import { valueKinds, type PropertyDefinition } from '../../vocabulary/properties.js';
import { writing } from '../consent/durability.js';
import { folded } from '../filters/values.js';
import { announceChange, type CatalogueDeps, type Saved } from './contract.js';
import { line } from './fields.js';

/** Filters and forms read all of them. */
export const mostDefinitions = 200;

export const propertyFields = z
  .strictObject({
    name: line(40).regex(
      propertyName,
      'begins with a letter and has letters, digits, spaces and dashes only',
    ),
    kind: z.enum(valueKinds, 'is not a type in the list'),
    choices: z.array(line(100)).max(100, 'has more than 100 lines'),
  })
  .refine(({ kind, choices }) => kind !== 'CHOICE' || choices.length > 0, {
    path: ['choices'],
    message: 'is empty',
  })
  .transform(({ choices, ...rest }) => ({ ...rest, choices: rest.kind === 'CHOICE' ? choices : [] }));

/**
 * Gives properties their types if the list has not changed since `version` was shown. A text needs no definition. Contacts keep their values; a value that
 * does not fit the type counts as unknown in filters.
 * @returns `TOO_MANY` if the list has no room for all of them: nothing was written
 * @throws DomainError `OUTCOME_UNKNOWN`, which is safe to repeat
 */
export async function defineProperties(
  deps: CatalogueDeps,
  version: number,
  wanted: readonly PropertyDefinition[],
): Promise<Saved | 'TOO_MANY'> {
  const { settings } = deps.models;
  const before = await readPropertyDefinitions(settings);
  if (before.version !== version) return 'STALE';
  const names = new Set(wanted.map(({ name }) => folded(name)));
  const others = before.definitions.filter(({ name }) => !names.has(folded(name)));
  const definitions = [...others, ...wanted.filter(({ kind }) => kind !== 'TEXT')];
  if (definitions.length > mostDefinitions) return 'TOO_MANY';
  const saved = await writing(() => saveSetting(settings, { id: 'properties', version }, { definitions }));
  await announceChange(deps);
  return saved;
}

/** Sets a property of the contact, or removes its value. */
import mongoose from 'mongoose';
import { z } from 'zod';
import { propertyName } from '../../../models/contact-property.js';
import type { Contact } from '../../../models/contact.js';
import type { Models } from '../../../models/index.js';
import { formOfContact } from '../../contacts/contact-form.js';
import { saveContacts } from '../../contacts/save.js';
import type { SavedContact } from '../../contacts/save-passes.js';
import type { FilterContext } from '../../filters/condition-kind.js';
import { folded, readValue, valueHints } from '../../filters/values.js';
import { stepKind, type StepResult, type StepRow } from '../contract.js';

/** An empty value removes the property. */
const input = z.strictObject({ name: z.string().max(40), value: z.string().max(200) });
type PropertyStep = z.infer<typeof input>;

export const propertyStep = stepKind<PropertyStep>({
  name: 'PROPERTY',
  label: 'Set a property',
  hint: 'Gives a property of the contact a value, or removes the value.',
  input,
  isAction: true,
  sentence: ({ name, value }) =>
    value === '' ? `Remove the value of ${name}.` : `Set ${name} to “${value}”.`,
  faults: ({ name, value }, { catalogue }) => {
    if (!propertyName.test(name))
      return [
        'Give the name of a property. It begins with a letter and has at most 40 letters, digits, spaces or dashes.',
      ];
    const { kind, choices } = definitionOf(name, catalogue);
    if (value === '' || readValue(kind, value, choices) !== null) return [];
    return [`The value of ${name} must be ${valueHints[kind]}.`];
  },
  changes: ({ name }) => ({
    isAbout: ({ on, of }) => on === 'updated' || (on === 'property' && of === folded(name)),
  }),
  async foretell(_deps, { name, value }, { contact }) {
    const has = contact.properties[nameIn(contact, name)];
    if (has === value || (value === '' && has === undefined))
      return 'Changes nothing: it has this value already.';
    return value === '' ? `Removes “${has ?? ''}” from ${name}.` : `Sets ${name} to “${value}”.`;
  },
  async run(deps, { name, value }, rows, { guard }) {
    const done = await findDone(
      deps.models,
      rows.filter(({ isRepeat }) => isRepeat),
    );
    const left = rows.filter((row) => !done.has(row));
    const asked = left.map(({ contact, ref }) => {
      const form = formOfContact(contact);
      const properties = { ...form.properties, [nameIn(contact, name)]: value };
      const which = { ref, contactId: contact._id, version: contact.version, known: contact };
      return { ...which, form: { ...form, properties } };
    });
    guard();
    const saved = await saveContacts(deps, asked, { kind: 'WORKFLOW', ref: 'workflow', scope: null });
    const results = new Map(left.map((row, at) => [row, resultOf(saved[at])]));
    return rows.map((row) => results.get(row) ?? { go: 'ON', outcome: 'DONE' });
  },
});

function resultOf(saved: SavedContact | undefined): StepResult {
  if (!saved) return { go: 'RETRY', reason: 'no answer' };
  if ('outcome' in saved)
    return { go: 'ON', outcome: 'DONE', ...(saved.outcome === 'UNCHANGED' ? { reason: 'NO_CHANGE' } : {}) };
  // Somebody else changes the contact at this moment.
  if (saved.code === 'STALE' || saved.code === 'ADDRESS_BUSY')
    return { go: 'RETRY', reason: saved.code, delayMs: 0 };
  return {
    go: 'ON',
    outcome: 'SKIPPED',
    reason: saved.code === 'NOT_FOUND' ? 'NO_CONTACT' : 'INVALID_VALUE',
  };
}

/** The contact may write the name of the property in another case. */
function nameIn({ properties }: Contact, name: string): string {
  return Object.keys(properties).find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
}

function definitionOf(name: string, { properties }: FilterContext['catalogue']) {
  return properties.get(name.toLowerCase()) ?? ({ kind: 'TEXT', choices: [] } as const);
}

/** Changes of a contact that are looked through for an interrupted attempt, which was moments ago. */
const lookedThrough = 50;

/** The rows whose change was written by an attempt that was cut off afterwards. The change feed names the step of each change. */
async function findDone(models: Pick<Models, 'changes'>, rows: readonly StepRow[]): Promise<Set<StepRow>> {
  if (rows.length === 0) return new Set();
  const keys = rows.flatMap(({ contact: { _id, version } }) =>
    Array.from({ length: Math.min(version, lookedThrough) }, (_, ago) => `contact:${_id}:${version - ago}`),
  );
  const published = await models.changes
    .find({ key: mongoose.trusted({ $in: keys }), kind: 'CONTACT' }, { event: 1 })
    .lean<{ event: { by?: string } }[]>();
  const refs = new Set([
    ...published.map(({ event }) => event.by),
    ...rows.flatMap(({ contact }) => (contact.unpublished?.events ?? []).map(({ by }) => by)),
  ]);
  return new Set(rows.filter(({ ref }) => refs.has(ref)));
}

/** Contacts with chosen columns, for a selection, a saved view or a filter. */
import { z } from 'zod';
import { findContactsById } from '../../models/contact.js';
import type { Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { channels } from '../../vocabulary/terms.js';
import { reading } from '../consent/durability.js';
import { upToDate } from '../contacts/facets.js';
import { countSelection, filterContext, streamContactIds } from '../contacts/find.js';
import { selectionSchema } from '../contacts/selection.js';
import type { Selection } from '../contacts/selection.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { predicateOf } from '../filters/predicate.js';
import { contactColumns, namesOfColumns } from './contact-columns.js';
import type { ContactColumn, ExportedContact } from './contact-columns.js';
import type { Export, ExportDeps } from './contract.js';
import { exportFormatSchema } from './format.js';

const inputSchema = z.strictObject({
  format: exportFormatSchema.default(exportFormatSchema.parse({})),
  selection: selectionSchema,
  /** Keys of columns, in any order. Unknown ones, such as those of archived types, are left out. */
  columns: z.array(z.string().min(1).max(300)).min(1).max(3000),
});
export type ContactsInput = z.infer<typeof inputSchema>;

const batchSize = 500;

export const contacts: Export<ContactsInput> = {
  name: 'CONTACTS',
  title: 'Contacts',
  fileName: 'contacts',
  input: inputSchema,
  columns: (input, context) => chosenColumns(input, context).map(({ heading }) => heading),
  async total(deps, { input, scope }) {
    const { count, isCapped } = await countSelection(deps, scope, input.selection);
    return isCapped ? null : count;
  },
  async *read(deps, { input, scope, asked, place }) {
    const context = await filterContext(deps, scope);
    const columns = chosenColumns(input, context);
    const { selection } = input;
    const selected = { scope, selection, after: place, until: asked, size: batchSize };
    const isMatch =
      selection.kind === 'FILTER' ? predicateOf(selection.filter, { ...context, now: asked }) : () => true;
    for await (const { ids, after } of streamContactIds(deps, selected)) {
      const found = await reading(() => findContactsById(deps.models.contacts, ids));
      const heads = await headsOf(deps, found);
      const byId = new Map(found.map((contact) => [contact._id, contact]));
      const rows = ids.flatMap((id) => {
        const contact = byId.get(id);
        // Deleted since the batch was found.
        if (!contact || contact.blankUntil) return [];
        const row = { contact, heads: claimedBy(contact, heads) };
        // One that left the selection since the batch was found, or opted out after its facets were made, must not be in a file for a mailing.
        const now = isBehind(contact, row.heads) ? upToDate(contact, row.heads, context.catalogue) : contact;
        if (!isMatch(now)) return [];
        return [columns.map(({ value }) => value(row))];
      });
      yield { rows, read: ids.length, place: after };
    }
  },
  fault: () => null,
  facts: (input, context) => [{ term: 'Columns', words: [namesOfColumns(chosenColumns(input, context))] }],
};

/** A key names its property, so the names do not need to be read. */
function chosenColumns({ columns }: ContactsInput, context: FilterContext): ContactColumn[] {
  const wanted = new Set(columns);
  const properties = columns.flatMap((key) => (key.startsWith('property:') ? [key.slice(9)] : []));
  return contactColumns(context, properties).filter(({ key }) => wanted.has(key));
}

async function headsOf(
  { models }: Pick<ExportDeps, 'models'>,
  found: readonly Contact[],
): Promise<ReadonlyMap<string, SubscriberHead>> {
  const ids = found.flatMap(({ subscribers }) => channels.flatMap((channel) => subscribers[channel] ?? []));
  return reading(() => findSubscribers(models.subscribers, ids));
}

/** True if an address has events that the facets do not include. */
function isBehind({ facetSeqs = {} }: Contact, heads: ExportedContact['heads']): boolean {
  return Object.values(heads).some(({ _id, seq }) => (facetSeqs[_id] ?? 0) < seq);
}

/** Only addresses that the contact has claimed. */
function claimedBy(
  { _id, subscribers }: Contact,
  heads: ReadonlyMap<string, SubscriberHead>,
): ExportedContact['heads'] {
  return Object.fromEntries(
    channels.flatMap((channel) => {
      const head = heads.get(subscribers[channel] ?? '');
      return head?.contactId === _id ? [[channel, head] as const] : [];
    }),
  );
}

/** All contacts, for a form or a command without a selection. */
export const everyContact: Selection = { kind: 'FILTER', filter: { any: [] }, search: '' };

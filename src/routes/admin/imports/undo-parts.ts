/** The undo of an import: what it will do, what it did, and what the page of an undone import says first. */
import { adminPaths } from '../../../admin-paths.js';
import type { Import } from '../../../models/import.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { counted, momentOf } from '../../../vocabulary/words.js';
import type { Shown } from '../kit/form-page.js';
import { present } from '../present.js';
import { isOfContacts, type Seen } from './import-words.js';

const contacts = (count: number) => counted(count, 'contact', 'contacts');

/** What an undo deletes and what it leaves, with the numbers of the import. */
export function undoOfContacts({ contactResult }: Import): { sentences: string[]; bullets: string[] } {
  const { created = 0, changed = 0 } = contactResult ?? {};
  const which = created === 0 ? 'contacts' : created === 1 ? 'the contact' : `the ${contacts(created)}`;
  return {
    sentences: [
      `An undo deletes ${which} that this import created, unless somebody has changed ${created === 1 ? 'it' : 'them'} since.`,
    ],
    bullets: [
      `${changed > 0 ? `${contacts(changed)} that it updated` : 'Contacts that it updated'} ${changed === 1 ? 'stays' : 'stay'}, with the new values.`,
      'A contact that was added to a list since, or that a workflow changed, counts as changed.',
      'Subscriptions that it opted in or out stay with the addresses, and so does their history.',
      'The undo is itself in the list of imports.',
    ],
  };
}

/** The way to the undo of an import. */
export function undoPanel(one: Import): Panel {
  return {
    heading: 'Undo',
    sentences: isOfContacts(one)
      ? undoOfContacts(one).sentences
      : ['An undo removes exactly the opt-outs that this import made. Opt-outs that others made stay.'],
    link: { href: adminPaths.importUndo(one._id), text: 'Undo import' },
  };
}

/** The first panel of an import that was undone, or whose undo is under way. */
export function undonePanels({ undo, zone }: Seen): Panel[] {
  if (!undo) return [];
  const { endedAt } = undo;
  return [
    {
      heading: endedAt ? 'This import was undone' : 'This import is being undone',
      sentences: endedAt
        ? [`The undo ended on ${momentOf(endedAt, zone)}.`, ...undoneSentences(undo)]
        : ['The undo has begun and has not ended yet.'],
      link: { href: adminPaths.import(undo._id), text: 'Open the undo' },
    },
  ];
}

/** What an undo that has ended did. */
function undoneSentences({ kind, result, source }: Import): string[] {
  const { changed = 0, unchanged = 0 } = result ?? {};
  if (kind === 'UNDO')
    return [
      `${counted(changed, 'opt-out')} of the ${source ? 'source' : 'import'} ${changed === 1 ? 'was' : 'were'} removed. Opt-outs that others made stay.`,
    ];
  return present([
    `${contacts(changed)} ${changed === 1 ? 'was' : 'were'} deleted.`,
    unchanged > 0 &&
      `${contacts(unchanged)} ${unchanged === 1 ? 'stays' : 'stay'}, since somebody has changed ${unchanged === 1 ? 'it' : 'them'}.`,
    'Contacts that the import updated keep the new values, and subscriptions stay.',
  ]);
}

/** The page of an undo that has ended. */
export function undoParts({ one }: Seen): Shown {
  const { undoes, source } = one;
  return {
    title: source ? 'Opt-outs of the source removed' : 'Import undone',
    panels: [
      {
        sentences: undoneSentences(one),
        ...(undoes === null ? {} : { link: { href: adminPaths.import(undoes), text: 'Open the import' } }),
      },
    ],
  };
}

/** The result of an opt-out list. */
import { adminPaths } from '../../../admin-paths.js';
import type { Import } from '../../../models/import.js';
import type { Figure, Panel } from '../../../views/admin-form-page.js';
import { counted, figure } from '../../../vocabulary/words.js';
import type { Shown } from '../kit/form-page.js';
import { addressesOf, damagedWords, messagesOf, stepsAt, type Seen } from './import-words.js';
import { rejectedPanels } from './rejected-panels.js';
import { undonePanels, undoPanel } from './undo-parts.js';

export function resultParts(seen: Seen): Shown {
  const { one, undo, unit, mayRun } = seen;
  const { result, channel, counts } = one;
  const [single, many] = addressesOf(channel);
  const changed = result?.changed ?? 0;
  const optedIn = result?.optedIn ?? 0;
  const rows: Figure[] = [
    { label: 'opted out', figure: figure(changed), tone: 'out' },
    { label: 'opted out before', figure: figure((result?.unchanged ?? 0) - optedIn), tone: 'none' },
    { label: 'rejected rows', figure: figure(counts?.rejected ?? 0), tone: 'none' },
    { label: 'duplicates in the file', figure: figure(counts?.duplicates ?? 0), tone: 'none' },
  ];
  if (optedIn > 0) rows.push({ label: 'opted in again, not changed', figure: figure(optedIn), tone: 'in' });
  if (result?.removed !== undefined)
    rows.push({ label: 'opt-outs removed', figure: figure(result.removed), tone: 'in' });
  return {
    title: 'Result',
    // The run of a source was not made by the steps.
    ...(one.source ? {} : { steps: stepsAt('result', one) }),
    panels: [
      ...undonePanels(seen),
      {
        heading: undo ? 'What it did before the undo' : 'What it did',
        sentences: [
          `${counted(changed, single, many)} ${changed === 1 ? 'was' : 'were'} opted out of all ${messagesOf[channel]} from ${unit}.`,
          ...damagedWords(one),
        ],
        figures: rows,
      },
      ...rejectedPanels(seen, counts?.rejected ?? 0),
      ...(one.source
        ? [sourcePanel(one.source.id, seen, 'The source fetches this list again and again.')]
        : mayRun && !undo
          ? [...(counts?.contacts ? [contactsPanel(one, counts.contacts)] : []), undoPanel(one)]
          : []),
    ],
  };
}

function contactsPanel({ _id }: Import, contacts: number): Panel {
  return {
    heading: 'Contacts on the list',
    sentences: [
      `${counted(contacts, 'contact is', 'contacts are')} on this list. The import does not change the marketing contact status, so marketing contacts still count against your plan.`,
      'If you delete these contacts, their opt-outs stay.',
    ],
    ways: [
      {
        href: adminPaths.importNonMarketing(_id),
        label: 'Set as non-marketing',
        hint: 'They stay contacts. From the next monthly update on, they do not count against your plan.',
      },
      { href: adminPaths.importContactDeletion(_id), label: 'Delete these contacts' },
    ],
  };
}

export function sourcePanel(id: string, { isListed, mayOpen }: Seen, sentence: string): Panel {
  const link = { href: adminPaths.source(id), text: 'Open the source' };
  return {
    heading: 'Scheduled source',
    sentences: [isListed ? sentence : 'The source was deleted.'],
    ...(isListed && mayOpen ? { link } : {}),
  };
}

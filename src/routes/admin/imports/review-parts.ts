/** The review of an opt-out list: what the check found, and what will happen. */
import { adminPaths } from '../../../admin-paths.js';
import type { Import, ImportCounts } from '../../../models/import.js';
import type { Figure } from '../../../views/admin-form-page.js';
import { counted, figure } from '../../../vocabulary/words.js';
import type { Shown } from '../kit/form-page.js';
import { addressesOf, damagedWords, messagesOf, stepsAt, type Seen } from './import-words.js';
import { rejectedPanels } from './rejected-panels.js';
import { sourcePanel } from './result-parts.js';

export function reviewParts(seen: Seen): Shown {
  const { one, unit, mayRun } = seen;
  const column = { href: adminPaths.importColumn(one._id), text: 'Look at the columns' };
  if (one.state !== 'CHECKED' || !one.counts)
    return {
      title: one.state === 'REFUSED' ? 'The file cannot be imported' : 'The file is not checked yet',
      steps: stepsAt('review', one),
      panels: [
        {
          sentences: [one.fault ?? 'Nothing has changed yet.'],
          ...(mayRun && !one.source ? { link: column } : {}),
        },
      ],
    };
  const { counts, channel, source } = one;
  const [, many] = addressesOf(channel);
  if (source) return { title: 'The list is held', panels: [sourcePanel(source.id, seen, 'It waits there.')] };
  return {
    title: 'Review',
    steps: stepsAt('review', one),
    panels: [
      { heading: 'The whole file', figures: figuresOf(counts, many) },
      {
        heading: 'What will happen',
        sentences: [willHappen(one, unit), ...damagedWords(one)],
        bullets: wontHappen,
        ...(mayRun && counts.distinct > 0
          ? {
              link: {
                href: adminPaths.importConfirmation(one._id),
                text: 'Continue to confirm',
                isMain: true,
              },
            }
          : { link: column }),
      },
      ...rejectedPanels(seen, counts.rejected),
    ],
  };
}

/** One sentence. */
export function willHappen({ counts, channel }: Import, unit: string): string {
  const [one, many] = addressesOf(channel);
  const count = counts?.distinct ?? 0;
  return `After this, ${counted(count, one, many)} ${count === 1 ? 'gets' : 'get'} no more ${messagesOf[channel]} from ${unit}.`;
}

export const wontHappen = [
  'No contact is created or deleted. Contacts on the list stay contacts.',
  'Nobody is opted in, and every earlier opt-out stays.',
  'To mail or call one of these people personally, staff need a legal basis each time.',
  'You can undo the import. An undo removes only the opt-outs that the import made.',
];

function figuresOf(counts: ImportCounts, many: string): Figure[] {
  const row = (label: string, count: number, tone: Figure['tone'] = 'none'): Figure => {
    return { label, figure: figure(count), tone };
  };
  return [
    row('rows', counts.rows),
    row(`valid ${many}, each once`, counts.distinct, 'in'),
    row('rejected rows', counts.rejected, counts.rejected > 0 ? 'out' : 'none'),
    row('duplicates in the file', counts.duplicates),
    row('opted out already', counts.optedOutBefore),
    row('existing contacts', counts.contacts),
    row('not known before', counts.unknown),
  ];
}

/** The rejected rows of an import: the first ones as a table, and all of them as a file. */
import { adminPaths } from '../../../admin-paths.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { counted, figure } from '../../../vocabulary/words.js';
import { actView } from '../kit/form.js';
import { tableOf } from '../kit/list-page.js';
import { present } from '../present.js';
import type { Seen } from './import-words.js';

export const shownRejectedRows = 10;

/** One panel, or none if no row was rejected. */
export function rejectedPanels({ one: { _id, kind, state }, rejected }: Seen, count: number): Panel[] {
  if (count === 0) return [];
  const heading = counted(count, 'rejected row', 'rejected rows');
  if (rejected.length === 0) return [{ heading, sentences: ['The list of them was deleted after a week.'] }];
  const all = count <= rejected.length;
  return [
    {
      heading,
      sentences: present([
        !all && `These are the first ${figure(rejected.length)}.`,
        count === 1
          ? `This row ${state === 'DONE' ? 'was' : 'is'} not imported. To import it, correct its value in the file and import the file again.`
          : `These rows ${state === 'DONE' ? 'were' : 'are'} not imported. To import them, correct their values in the file and import the file again.`,
        kind === 'OPT_OUTS' && 'Addresses that are opted out already do not change.',
      ]),
      // The download is an act, since it is audited.
      form: actView(adminPaths.importRejectedRows(_id), 'Download the rejected rows (CSV)'),
      table: tableOf(
        heading,
        [
          { heading: 'Line', isNumeric: true, cell: ({ line }) => ({ text: figure(line) }) },
          { heading: 'Value', cell: ({ value }) => ({ text: value || 'empty' }) },
          { heading: 'Reason', cell: ({ reason }) => ({ text: reason }) },
        ],
        rejected,
      ),
    },
  ];
}

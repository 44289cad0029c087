/** The review of a contact import, and its result. */
import { adminPaths } from '../../../admin-paths.js';
import type { ContactCounts } from '../../../models/contact-import.js';
import type { Import } from '../../../models/import.js';
import type { Figure, Panel } from '../../../views/admin-form-page.js';
import { counted, figure, listOf } from '../../../vocabulary/words.js';
import { actView } from '../kit/form.js';
import type { Shown } from '../kit/form-page.js';
import { stepsAt, type Seen } from './import-words.js';
import { rejectedPanels } from './rejected-panels.js';
import { undonePanels, undoPanel } from './undo-parts.js';
import { present } from '../present.js';

const contacts = (count: number) => counted(count, 'contact', 'contacts');
const optIns = (count: number) => counted(count, 'opt-in', 'opt-ins');

export function contactReviewParts(seen: Seen, counts: ContactCounts): Shown {
  const { one, mayRun } = seen;
  const { created, changed, repeated, optIns: optedIn, optOuts } = counts;
  // The check does not say what the later rows of an address will do: they may opt out.
  const isSomething = created + changed + repeated + optedIn + optOuts > 0;
  const column = { href: adminPaths.importColumn(one._id), text: 'Look at the columns' };
  return {
    title: 'Review',
    steps: stepsAt('review', one),
    panels: [
      { heading: 'The whole file', figures: figuresOf(counts, 'new contacts', 'updated') },
      {
        heading: 'What will happen',
        sentences: willHappen(counts),
        bullets: wontHappen(one),
        ...(mayRun && isSomething
          ? {
              form: actView(
                adminPaths.importConfirmation(one._id),
                created + changed > 0
                  ? `Import ${contacts(created + changed)}`
                  : optedIn + optOuts > 0
                    ? 'Import the subscriptions'
                    : 'Import the file',
                [{ name: 'revision', value: String(one.revision) }],
                'main',
              ),
            }
          : {}),
        ...(mayRun ? { link: column } : {}),
      },
      ...rejectedPanels(seen, counts.rejected),
    ],
  };
}

function willHappen({
  created,
  changed,
  unchanged,
  repeated,
  optIns: optedIn,
  optOuts,
  refusedOptIns,
}: ContactCounts): string[] {
  const is = (count: number) => (count === 1 ? 'is' : 'are');
  const acts = [
    ...(created > 0 ? [`${contacts(created)} ${is(created)} created`] : []),
    ...(changed > 0 ? [`${contacts(changed)} ${is(changed)} updated`] : []),
    ...(optedIn > 0 ? [`${counted(optedIn, 'subscription', 'subscriptions')} ${is(optedIn)} opted in`] : []),
    ...(optOuts > 0 ? [`${counted(optOuts, 'subscription', 'subscriptions')} ${is(optOuts)} opted out`] : []),
  ];
  return present([
    acts.length > 0
      ? `After this, ${listOf(acts)}.`
      : repeated > 0
        ? 'The first row of each contact would change nothing.'
        : 'This import would change nothing.',
    repeated > 0 &&
      `${counted(repeated, 'row', 'rows')} for the same contact ${is(repeated)} imported after the first one, in the order of the file.`,
    unchanged > 0 &&
      acts.length > 0 &&
      `${contacts(unchanged)} ${unchanged === 1 ? 'has' : 'have'} these values already.`,
    refusedOptIns > 0 &&
      `${optIns(refusedOptIns)} will be refused. Contacts that opted out before stay opted out.`,
  ]);
}

function wontHappen({ choice }: Import): string[] {
  return [
    'Only the chosen columns change, and no contact is deleted.',
    choice?.contacts?.emptyClears
      ? 'Empty cells clear the value of their column.'
      : 'Empty cells change nothing.',
    'Nobody who opted out is opted in.',
    'An undo deletes contacts that this import created, if nobody has changed them since. Updates and subscriptions are not undone.',
  ];
}

function figuresOf(counts: ContactCounts, created: string, changed: string): Figure[] {
  const row = (label: string, count: number, tone: Figure['tone'] = 'none'): Figure => {
    return { label, figure: figure(count), tone };
  };
  const some = (label: string, count: number, tone: Figure['tone'] = 'none') =>
    count > 0 ? [row(label, count, tone)] : [];
  return [
    row('rows', counts.rows),
    row(created, counts.created, counts.created > 0 ? 'in' : 'none'),
    row(changed, counts.changed, counts.changed > 0 ? 'in' : 'none'),
    row('unchanged', counts.unchanged),
    row('rejected rows', counts.rejected, counts.rejected > 0 ? 'out' : 'none'),
    ...some('rows for the same contact', counts.repeated),
    ...some('opt-ins', counts.optIns, 'in'),
    ...some('opt-outs', counts.optOuts, 'out'),
    ...some('opt-ins refused', counts.refusedOptIns, 'out'),
  ];
}

export function contactResultParts(seen: Seen, counts: ContactCounts): Shown {
  const { one, undo, mayRun } = seen;
  const { created, changed, refusedOptIns } = counts;
  return {
    title: 'Result',
    steps: stepsAt('result', one),
    panels: [
      ...undonePanels(seen),
      {
        heading: undo ? 'What it did before the undo' : 'What it did',
        sentences: present([
          `${contacts(created)} ${created === 1 ? 'was' : 'were'} created, and ${contacts(changed)} ${changed === 1 ? 'was' : 'were'} updated.`,
          refusedOptIns > 0 && `${optIns(refusedOptIns)} ${refusedOptIns === 1 ? 'was' : 'were'} refused.`,
        ]),
        figures: figuresOf(counts, 'created', 'updated'),
        form: actView(adminPaths.importRowResults(one._id), 'Download the result of each row (CSV)'),
      },
      ...rejectedPanels(seen, counts.rejected),
      ...(!undo && mayRun ? [listPanel(one), undoPanel(one)] : []),
    ],
  };
}

function listPanel({ _id }: Import): Panel {
  return {
    heading: 'List',
    sentences: ['Keep these contacts together on a static list.'],
    link: { href: adminPaths.importListing(_id), text: 'Add to a list' },
  };
}

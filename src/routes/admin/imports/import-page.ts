/** One import's page: its check, its review, its progress or its result, by its state. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { importJob, isLive } from '../../../domain/imports/find.js';
import { findSource } from '../../../domain/sources/sources.js';
import { findDoers } from '../../../domain/staff/names.js';
import { isMoving, progressOf, stepOf } from '../jobs/job-words.js';
import type { Import, ImportCounts } from '../../../models/import.js';
import type { Job } from '../../../models/job.js';
import { mayRole } from '../../../vocabulary/access.js';
import { counted, figure, momentOf } from '../../../vocabulary/words.js';
import type { Fact, Figure, Panel } from '../../../views/admin-form-page.js';
import { actView } from '../kit/form.js';
import { pageHtml, type Shown } from '../kit/form-page.js';
import type { Ask } from '../route.js';
import { byWords } from './import-list.js';
import {
  addressesOf,
  channelWords,
  importStateWords,
  messagesOf,
  stepsAt,
  unitWords,
} from './import-words.js';
import { importCrumbs } from './start-pages.js';

const sayings = {
  confirmed: { tone: 'good', strong: 'Confirmed.', sentence: 'A worker starts the import now.' },
  undone: { tone: 'good', strong: 'The undo has begun.', sentence: 'A worker removes the opt-outs now.' },
} as const;

/** What the parts of the page need. */
interface Seen {
  one: Import;
  job: Job | null;
  unit: string;
  mayRun: boolean;
  /** The source whose run it is still exists, and the user may open sources. */
  isListed: boolean;
  mayOpen: boolean;
}

export async function importPage(deps: Deps, ask: Ask, one: Import): Promise<string> {
  const [job, unit] = await Promise.all([importJob(deps, one), unitWords(deps, one)]);
  const doerOf = await findDoers(deps, [one.by]);
  const isListed = one.source !== undefined && (await findSource(deps, one.source.id, ask.scope)) !== null;
  const seen = {
    ...{ one, job, unit, mayRun: mayRole(ask.user.role, 'bulk.run') },
    ...{ isListed, mayOpen: mayRole(ask.user.role, 'settings.read') },
  };
  const { panels, ...more } = partsOf(seen);
  return pageHtml(
    deps,
    ask,
    // Later, the page says what has happened since.
    { section: 'imports', sayings: job && isMoving(job) ? sayings : {} },
    {
      ...more,
      crumbs: importCrumbs,
      state: importStateWords[one.state],
      panels: [
        ...(panels ?? []),
        { heading: 'Request', facts: factsOf(seen, byWords(one, doerOf), ask.zone) },
      ],
    },
  );
}

function partsOf(seen: Seen): Shown {
  const { one, job } = seen;
  const isWorked = one.state === 'CHECKING' || one.state === 'RUNNING';
  if (isWorked && job && isMoving(job)) return movingParts(seen, job);
  if (isWorked) return brokenParts(seen);
  if (one.kind === 'UNDO') return undoneParts(seen);
  if (one.state === 'DONE') return resultParts(seen);
  return reviewParts(seen);
}

function movingParts({ one }: Seen, job: Job): Shown {
  const isCheck = one.state === 'CHECKING';
  const title = isCheck
    ? 'The list is being checked'
    : one.kind === 'UNDO'
      ? one.source
        ? 'The opt-outs of the source are being removed'
        : 'The import is being undone'
      : 'The import is running';
  return {
    title,
    ...(one.kind === 'UNDO' ? {} : { steps: stepsAt(isCheck ? 'Review' : 'Result', one) }),
    live: { href: adminPaths.jobProgress(job._id), step: stepOf(job) },
    refresh: 2,
    panels: [
      {
        sentences: [
          isCheck
            ? 'Nothing changes before you confirm. You can leave this page.'
            : 'You can leave this page.',
        ],
        progress: progressOf(job),
      },
    ],
  };
}

/** The worker stopped, or its job was cancelled. */
function brokenParts({ one, job, mayRun }: Seen): Shown {
  const isDead = isLive(job);
  const jobLink = job ? { link: { href: adminPaths.job(job._id), text: 'Open the job' } } : {};
  const sentence = isDead
    ? 'The worker failed several times and stopped. A retry continues where it was.'
    : one.state === 'RUNNING'
      ? 'The import was cancelled. What it has done so far stays, and can be undone.'
      : 'The check was cancelled. Nothing has changed.';
  const panels: Panel[] = [{ sentences: [sentence], ...jobLink }];
  if (mayRun && one.state === 'CHECKING' && !isDead)
    panels.push({
      form: actView(adminPaths.importChecks(one._id), 'Check the list again', columnOf(one), 'main'),
    });
  if (mayRun && one.state === 'RUNNING' && !isDead && one.kind !== 'UNDO' && !one.source)
    panels.push(undoPanel(one));
  return { title: one.state === 'CHECKING' ? 'The check has stopped' : 'The import has stopped', panels };
}

const columnOf = ({ choice }: Import) => [{ name: 'column', value: String(choice?.column ?? '') }];

function reviewParts(seen: Seen): Shown {
  const { one, unit, mayRun } = seen;
  const column = { href: adminPaths.importColumn(one._id), text: 'Look at the columns' };
  if (one.state !== 'CHECKED' || !one.counts)
    return {
      title: one.state === 'REFUSED' ? 'The list cannot be imported' : 'The list is not checked yet',
      steps: stepsAt('Review', one),
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
    steps: stepsAt('Review', one),
    panels: [
      { heading: 'The whole file', figures: figuresOf(counts, many), ...rejectedOf(one) },
      {
        heading: 'What will happen',
        sentences: [willHappen(one, unit)],
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
  'Nobody is opted in, and no earlier opt-out becomes weaker.',
  'One-to-one mail to them needs a legal basis each time.',
  'You can undo exactly what this import did.',
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
    row('not known yet', counts.unknown),
  ];
}

/** The download of rejected rows is an act, since it is audited. */
function rejectedOf({ _id, counts }: Import): Pick<Panel, 'form'> {
  const form = actView(adminPaths.importRejectedRows(_id), 'Download the rejected rows (CSV)');
  return counts?.rejected ? { form } : {};
}

function resultParts(seen: Seen): Shown {
  const { one, unit, mayRun } = seen;
  const { result, channel, counts, undoneBy } = one;
  const [single, many] = addressesOf(channel);
  const changed = result?.changed ?? 0;
  const optedIn = result?.optedIn ?? 0;
  const rows: Figure[] = [
    { label: 'opted out', figure: figure(changed), tone: 'out' },
    { label: 'opted out before', figure: figure((result?.unchanged ?? 0) - optedIn), tone: 'none' },
    { label: 'rejected rows', figure: figure(counts?.rejected ?? 0), tone: 'none' },
    { label: 'duplicates in the file', figure: figure(counts?.duplicates ?? 0), tone: 'none' },
  ];
  if (optedIn > 0) rows.push({ label: 'opted in again, left so', figure: figure(optedIn), tone: 'in' });
  if (result?.removed !== undefined)
    rows.push({ label: 'opt-outs removed', figure: figure(result.removed), tone: 'in' });
  const after: Panel[] = one.source
    ? [sourcePanel(one.source.id, seen, 'The source fetches this list again and again.')]
    : undoneBy === null
      ? mayRun
        ? [undoPanel(one)]
        : []
      : [{ heading: 'Undone', link: { href: adminPaths.import(undoneBy), text: 'Open the undo' } }];
  return {
    title: 'Result',
    steps: stepsAt('Result', one),
    panels: [
      {
        heading: 'What it did',
        sentences: [
          `${counted(changed, single, many)} ${changed === 1 ? 'was' : 'were'} opted out of all ${messagesOf[channel]} from ${unit}.`,
        ],
        figures: rows,
        ...rejectedOf(one),
      },
      ...(mayRun && !one.source && counts?.contacts ? [contactsPanel(one, counts.contacts)] : []),
      ...after,
    ],
  };
}

function contactsPanel({ _id }: Import, contacts: number): Panel {
  return {
    heading: 'Contacts on the list',
    sentences: [
      `${counted(contacts, 'address', 'addresses')} of the list ${contacts === 1 ? 'belongs to a contact' : 'belong to contacts'}. They still count as contacts. If they are deleted, their opt-outs stay.`,
    ],
    link: { href: adminPaths.importContactDeletion(_id), text: 'Delete these contacts' },
  };
}

function sourcePanel(id: string, { isListed, mayOpen }: Seen, sentence: string): Panel {
  const link = { href: adminPaths.source(id), text: 'Open the source' };
  return {
    heading: 'Scheduled source',
    sentences: [isListed ? sentence : 'The source was deleted.'],
    ...(isListed && mayOpen ? { link } : {}),
  };
}

function undoPanel({ _id }: Import): Panel {
  return {
    heading: 'Undo',
    sentences: [
      'An undo removes exactly the opt-outs that this import made. Opt-outs that others made stay.',
    ],
    link: { href: adminPaths.importUndo(_id), text: 'Undo import' },
  };
}

function undoneParts({ one }: Seen): Shown {
  const { result, undoes, source } = one;
  return {
    title: source ? 'Opt-outs of the source removed' : 'Import undone',
    panels: [
      {
        sentences: [
          `${counted(result?.changed ?? 0, 'opt-out', 'opt-outs')} of the ${source ? 'source' : 'import'} ${result?.changed === 1 ? 'was' : 'were'} removed. Opt-outs that others made stay.`,
        ],
        ...(undoes === null ? {} : { link: { href: adminPaths.import(undoes), text: 'Open the import' } }),
      },
    ],
  };
}

function factsOf({ one, unit }: Seen, by: string, zone: string): Fact[] {
  return [
    { term: one.source ? 'Source' : 'File', text: one.file?.name ?? '' },
    { term: 'Business unit', text: unit },
    { term: 'Channel', text: channelWords(one.channel) },
    { term: 'By', text: by },
    { term: 'Started', text: momentOf(one.at, zone) },
    ...(one.confirmedAt ? [{ term: 'Confirmed', text: momentOf(one.confirmedAt, zone) }] : []),
    ...(one.endedAt ? [{ term: 'Ended', text: momentOf(one.endedAt, zone) }] : []),
    { term: 'Reference', text: `import:${one._id}` },
  ];
}

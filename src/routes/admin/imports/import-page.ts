/** One import's page: its check, its review, its progress or its result, by its state. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { findUndo, importJob, isLive } from '../../../domain/imports/find.js';
import { findSource } from '../../../domain/sources/sources.js';
import { findDoers } from '../../../domain/staff/names.js';
import { isMoving, progressOf, stepOf } from '../jobs/job-words.js';
import { firstRejectedRows } from '../../../domain/imports/first-rejected-rows.js';
import type { Import } from '../../../models/import.js';
import type { Job } from '../../../models/job.js';
import { mayRole } from '../../../vocabulary/access.js';
import { capital, momentOf } from '../../../vocabulary/words.js';
import type { Fact, Panel } from '../../../views/admin-form-page.js';
import { actView } from '../kit/form.js';
import { pageHtml, type Shown } from '../kit/form-page.js';
import type { Ask } from '../route.js';
import { byWords } from './import-list.js';
import { contactReviewParts, contactResultParts } from './contact-parts.js';
import {
  channelWords,
  isOfContacts,
  isUndo,
  stateOf,
  stepsAt,
  unitWords,
  type Seen,
} from './import-words.js';
import { shownRejectedRows } from './rejected-panels.js';
import { resultParts } from './result-parts.js';
import { reviewParts } from './review-parts.js';
import { importCrumbs } from './start-pages.js';
import { undonePanels, undoPanel, undoParts } from './undo-parts.js';

const sayings = {
  confirmed: { tone: 'good', strong: 'Confirmed.', sentence: 'A worker starts the import now.' },
  undone: { tone: 'good', strong: 'The undo has begun.', sentence: 'A worker works on it now.' },
} as const;

export async function importPage(deps: Deps, ask: Ask, one: Import): Promise<string> {
  const which = { id: one._id, scope: ask.scope };
  const [job, unit, doerOf, source, rejected] = await Promise.all([
    importJob(deps, one),
    unitWords(deps, one),
    findDoers(deps, [one.by]),
    one.source && findSource(deps, one.source.id, ask.scope),
    one.state === 'CHECKED' || one.state === 'DONE' ? firstRejectedRows(deps, which, shownRejectedRows) : [],
  ]);
  const undo = source ? null : await findUndo(deps, one, ask.scope);
  const seen = {
    ...{ one, undo, job, unit, rejected, zone: ask.zone, isListed: Boolean(source) },
    mayRun: mayRole(ask.user.role, 'bulk.run'),
    mayOpen: mayRole(ask.user.role, 'settings.read'),
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
      state: stateOf(one, undo),
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
  if (isUndo(one)) return undoParts(seen);
  if (one.kind === 'CONTACTS' && one.contactResult) return contactResultParts(seen, one.contactResult);
  if (one.kind === 'CONTACTS' && one.contactCounts) return contactReviewParts(seen, one.contactCounts);
  if (one.state === 'DONE') return resultParts(seen);
  return reviewParts(seen);
}

function movingParts({ one }: Seen, job: Job): Shown {
  const isCheck = one.state === 'CHECKING';
  const title = isCheck
    ? 'The file is being checked'
    : isUndo(one)
      ? one.source
        ? 'The opt-outs of the source are being removed'
        : 'The import is being undone'
      : 'The import is running';
  return {
    title,
    ...(isUndo(one) || one.source ? {} : { steps: stepsAt(isCheck ? 'review' : 'result', one) }),
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
function brokenParts(seen: Seen): Shown {
  const { one, undo, job, mayRun } = seen;
  const isDead = isLive(job);
  const jobLink = job ? { link: { href: adminPaths.job(job._id), text: 'Open the job' } } : {};
  const sentence = isDead
    ? 'The worker failed several times and stopped. A retry continues where it was.'
    : one.state === 'RUNNING'
      ? `The import was cancelled.${undo ? '' : ' What it has done so far stays, and can be undone.'}`
      : 'The check was cancelled. Nothing has changed.';
  const panels: Panel[] = [...undonePanels(seen), { sentences: [sentence], ...jobLink }];
  if (mayRun && one.state === 'CHECKING' && !isDead)
    panels.push({
      form: actView(adminPaths.importChecks(one._id), 'Check the file again', columnOf(one), 'main'),
    });
  if (mayRun && one.state === 'RUNNING' && !isDead && !undo && !isUndo(one) && !one.source)
    panels.push(undoPanel(one));
  return { title: one.state === 'CHECKING' ? 'The check has stopped' : 'The import has stopped', panels };
}

const columnOf = ({ kind, choice }: Import) =>
  kind === 'CONTACTS' ? [] : [{ name: 'column', value: String(choice?.column ?? '') }];

function factsOf({ one, unit }: Seen, by: string, zone: string): Fact[] {
  return [
    { term: one.source ? 'Source' : 'File', text: one.file?.name ?? '' },
    ...(unit ? [{ term: 'Business unit', text: capital(unit) }] : []),
    ...(isOfContacts(one) ? [] : [{ term: 'Channel', text: channelWords(one.channel) }]),
    { term: 'By', text: by },
    { term: 'Started', text: momentOf(one.at, zone) },
    ...(one.confirmedAt ? [{ term: 'Confirmed', text: momentOf(one.confirmedAt, zone) }] : []),
    ...(one.endedAt ? [{ term: 'Ended', text: momentOf(one.endedAt, zone) }] : []),
    { term: 'Reference', text: `import:${one._id}` },
  ];
}

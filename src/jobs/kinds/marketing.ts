/** SET_MARKETING: sets many contacts to marketing or non-marketing. MARKETING_UPDATE: the monthly update, once per account and month. */
import mongoose from 'mongoose';
import { z } from 'zod';
import { selectionSchema } from '../../domain/contacts/selection.js';
import { facet } from '../../domain/filters/facet.js';
import { setMarketingStatus, updateBatch } from '../../domain/marketing/status.js';
import { lastUpdate } from '../../domain/marketing/update-date.js';
import { keepUsage, readLastMonth } from '../../domain/marketing/usage.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import { queueJob } from '../../models/job.js';
import { readMarketingSettings } from '../../models/setting.js';
import { counted } from '../../vocabulary/words.js';
import { chunkedStepper } from '../chunked.js';
import { JobLost } from '../engine.js';
import { laneOf, whomFact } from '../facts.js';
import type { JobDeps } from '../job-deps.js';
import { wantedOf, type JobKind } from '../kind.js';
import { contactRows, selectContacts } from '../selected.js';

const setMarketingSchema = z.strictObject({ selection: selectionSchema, isMarketing: z.boolean() });

export const setMarketing: JobKind<z.infer<typeof setMarketingSchema>> = {
  name: 'SET_MARKETING',
  input: setMarketingSchema,
  permission: 'marketing.change',
  label: 'Set marketing contact status',
  lane: ({ selection }) => laneOf(selection),
  rows: ['contact', 'contacts'],
  facts: ({ selection, isMarketing }, job, about) => [
    whomFact(selection, job, about),
    {
      term: 'Change',
      words: [isMarketing ? 'Marketing contacts, at once' : 'Non-marketing contacts, at the next update'],
    },
  ],
  columns: () => ['Outcome'],
  stepper: (deps) =>
    chunkedStepper(deps, {
      select: selectContacts(deps),
      async run({ input, scope }, ids, { guard }) {
        const { isMarketing } = setMarketingSchema.parse(input);
        const wanted = { contactIds: ids, isMarketing, scope, beforeWrite: guard };
        const outcomes = await setMarketingStatus(deps, wanted);
        return contactRows(ids, outcomes);
      },
    }),
};

const updateSchema = z.strictObject({ month: z.string(), before: z.iso.datetime() });

export const marketingUpdate: JobKind<z.infer<typeof updateSchema>> = {
  name: 'MARKETING_UPDATE',
  input: updateSchema,
  permission: 'settings.change',
  label: 'Monthly update of marketing contacts',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Now non-marketing',
    unchanged: 'Unchanged',
    done: (count) => `${counted(count, 'contact')} set to non-marketing`,
  },
  facts: ({ month }) => [{ term: 'Month', words: [month] }],
  /** A step is one batch. Contacts that are done are not found again. */
  stepper:
    (deps) =>
    async ({ job, isHeld }) => {
      const { before } = updateSchema.parse(job.input);
      const guard = () => {
        if (!isHeld()) throw new JobLost();
      };
      const found = await updateBatch(deps, { before: new Date(before), guard });
      if (found === 0) {
        await keepUsage(deps);
        return { progress: { phase: 'RUN', total: job.done }, then: 'END' };
      }
      const done = job.done + found;
      return { progress: { phase: 'RUN', done, counts: { ...job.counts, changed: done } }, then: 'GO_ON' };
    },
};

/**
 * Queues the update of the newest month whose moment has come, once per account and month, whatever number of workers asks. After downtime, several
 * missed months are one update: it sets everybody who was to leave before its moment.
 * @returns the month, if this call noted it
 */
export async function queueUpdateWhereDue(deps: JobDeps): Promise<string | null> {
  const [{ day }, { timeZone }, done] = await Promise.all([
    readMarketingSettings(deps.models.settings),
    deps.rereadCatalogue(),
    readLastMonth(deps.models),
  ]);
  const { month, at } = lastUpdate(deps.clock(), day, timeZone);
  if (done !== null && month <= done) return null;
  const isNeeded =
    done !== null || (await deps.models.contacts.exists({ facets: facet.untilUpdate })) !== null;
  // The job comes first: a process that stops between the two would otherwise lose the month.
  if (isNeeded)
    await queueJob(deps, {
      id: `MARKETING_UPDATE:${month}`,
      ...wantedOf(marketingUpdate, { month, before: at.toISOString() }),
      scope: null,
    });
  const older = done === null ? mongoose.trusted({ $exists: false }) : done;
  try {
    const noted = await deps.models.settings.updateOne(
      { _id: 'marketing-update', 'value.month': older },
      { $set: { value: { month } } },
      { upsert: done === null },
    );
    return noted.matchedCount + noted.upsertedCount === 1 ? month : null;
  } catch (error) {
    // Another worker noted the first month at this moment.
    if (isDuplicateKey(error)) return null;
    throw error;
  }
}

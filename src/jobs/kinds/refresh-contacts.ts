/** REFRESH_CONTACTS: rewrites the facets of all contacts after units or types have changed, and detects such changes. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Catalogue } from '../../vocabulary/terms.js';
import { facetsVersion } from '../../domain/contacts/facets.js';
import { streamContactIds } from '../../domain/contacts/find.js';
import { noFilter } from '../../domain/filters/filter.js';
import { chunkSize } from '../../models/job-chunk.js';
import { queueJob } from '../../models/job.js';
import { JobLost, stepTimer, type Stepper } from '../engine.js';
import type { JobDeps } from '../job-deps.js';
import { wantedOf, type JobKind } from '../kind.js';

/** By then every process has the new catalogue (decision 0009), so no process writes facets by the old one later. */
const settledAfterMs = 5000;

const everybody = { kind: 'FILTER' as const, filter: noFilter, search: '' };

export const refreshContacts: JobKind<Record<string, never>> = {
  name: 'REFRESH_CONTACTS',
  input: z.strictObject({}),
  permission: 'settings.change',
  label: 'Bring the index of contacts up to date',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  facts: () => [],
  stepper,
};

/** A step is some batches. Repeating it changes nothing, so no selection is frozen. */
function stepper(deps: JobDeps): Stepper {
  return async ({ job, isHeld }) => {
    await deps.rereadCatalogue();
    const batches = streamContactIds(deps, {
      scope: null,
      selection: everybody,
      after: job.place,
      size: chunkSize,
    });
    let { place, done } = job;
    const isOver = stepTimer();
    for await (const { ids, after } of batches) {
      if (!isHeld()) throw new JobLost();
      await deps.refreshContacts?.(ids);
      [place, done] = [after, done + ids.length];
      if (isOver()) break;
    }
    if (place !== job.place) return { progress: { phase: 'RUN', place, done }, then: 'GO_ON' };
    return { progress: { phase: 'RUN', total: job.done }, then: 'END' };
  };
}

/**
 * Queues the refresh if units or types have changed since the last one. Several workers may ask at once.
 * @returns whether a refresh was needed
 */
export async function queueRefreshWhereDue(deps: JobDeps): Promise<boolean> {
  const mark = markOf(await deps.rereadCatalogue());
  const known = await deps.models.settings.findById('contact-facets').lean();
  const { mark: last, number } = markSchema.catch({ mark: '', number: 0 }).parse(known?.value);
  if (mark === last) return false;
  const next = number + 1;
  // The job comes first: a process that stops between the two would otherwise lose the change.
  await queueJob(deps, {
    id: `REFRESH_CONTACTS:${next}`,
    ...wantedOf(refreshContacts, {}),
    scope: null,
    notBefore: new Date(deps.clock().getTime() + settledAfterMs),
  });
  await deps.models.settings.updateOne(
    known ? { _id: 'contact-facets', 'value.number': number } : { _id: 'contact-facets' },
    { $set: { value: { mark, number: next } } },
    { upsert: !known },
  );
  return true;
}

const markSchema = z.object({ mark: z.string(), number: z.number() });

/** A fingerprint of the parts of the catalogue that facets depend on. */
function markOf({ units, orderedTypes, properties }: Catalogue): string {
  const types = orderedTypes.map(({ id, unitId, channel, isActive, purpose }) => [
    id,
    unitId,
    channel,
    isActive,
    purpose,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([facetsVersion, [...units.keys()], types, [...properties]]))
    .digest('base64url');
}

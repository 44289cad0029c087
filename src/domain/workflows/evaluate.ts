/**
 * Evaluates triggers: who starts to meet one, to whom an event happened, and who leaves. It reads the contacts as they are now, so repeating it changes
 * nothing. A contact that leaves a trigger and meets it again between two evaluations has never left it.
 */
import { createHash } from 'node:crypto';
import type { AnyBulkWriteOperation } from 'mongodb';
import mongoose from 'mongoose';
import { DomainError } from '../../errors.js';
import type { Change } from '../../models/change.js';
import { findContactsById } from '../../models/contact.js';
import { isOnlyDuplicates } from '../../models/database-fault.js';
import { endEnrolments, leaveReasons, type Enrolment, type LeaveReason } from '../../models/enrolment.js';
import type { Models } from '../../models/index.js';
import { updateIf } from '../../models/update-if.js';
import { enrolling, isNoting, type WorkflowStanding } from '../../models/workflow.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading, writing } from '../consent/durability.js';
import { enrol, findDepths, type WantedEnrolment } from './enrol.js';
import { findPublished, type EvaluatedContact, type EvaluatedField, type Published } from './published.js';
import { isRelevant } from './relevance.js';
import { eventOf } from './triggers.js';

export interface EvaluateDeps {
  models: Models;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

const mostAttempts = 20;

/** Evaluates the contacts of some entries of the change feed. The facets of the contacts must be up to date. */
export async function evaluateEntries(deps: EvaluateDeps, entries: readonly Change[]): Promise<void> {
  const all = await findPublished(deps, enrolling);
  if (all.length === 0) return;
  const refOf = (entry: Change) => {
    if (entry.kind === 'CONTACT') return entry.event.by;
    return entry.kind === 'CONSENT' ? entry.event.actor.ref : undefined;
  };
  const depthOf = await findDepths(
    deps.models,
    entries.map((entry) => ({ ref: refOf(entry), contactId: entry.contactId ?? '' })),
  );
  const depthOfEntry = (entry: Change) => depthOf({ ref: refOf(entry), contactId: entry.contactId ?? '' });
  const depths = new Map<string, number>();
  for (const entry of entries)
    if (entry.contactId)
      depths.set(entry.contactId, Math.max(depths.get(entry.contactId) ?? 0, depthOfEntry(entry)));
  const isChanged = changedAtStart(all, entries);
  await evaluateContacts(deps, [...depths.keys()], { all, depthOf: (id) => depths.get(id) ?? 0, isChanged });
  await evaluateEvents(deps, entries, all, depthOfEntry);
}

/**
 * Enrols contacts that have started to meet a trigger, and takes out those that leave.
 * @param about `all` workflows to evaluate; `depthOf` is how many enrolments by workflows led to the change of a contact; `isForAll`: contacts that meet
 *   the trigger are enrolled although they have met it before, unless they were enrolled then; `isChanged`: see `changedAtStart`
 */
export async function evaluateContacts(
  deps: EvaluateDeps,
  contactIds: readonly string[],
  about: {
    all: readonly Published[];
    depthOf?: (contactId: string) => number;
    cause?: Enrolment['cause'];
    isForAll?: boolean;
    isChanged?: (published: Published, contactId: string) => boolean;
  },
): Promise<void> {
  let waiting = [...new Set(contactIds)];
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === mostAttempts)
      throw new DomainError('DATABASE_AWAY', 'Others kept changing these contacts.');
    waiting = await evaluateOnce(deps, waiting, about);
  }
}

/**
 * While a workflow starts, nobody has noted yet whether a contact met the trigger at the activation. If an entry from that time is about something that
 * the trigger reads, and the contact meets the trigger now, then the contact counts as one that has started to meet it (decision 0721).
 */
function changedAtStart(
  all: readonly Published[],
  entries: readonly Change[],
): (published: Published, contactId: string) => boolean {
  const changed = new Map<Published, Set<string>>();
  for (const published of all) {
    const { workflow, plan } = published;
    const { activatedAt, notedAt = null } = workflow;
    if (plan.trigger?.kind !== 'FILTER' || !activatedAt) continue;
    const { filter } = plan.trigger;
    const isThen = (at: Date) =>
      at > activatedAt && (isNoting(workflow) || (notedAt !== null && at <= notedAt));
    const found = entries.filter(
      (entry) => entry.kind !== 'REASON' && isThen(entry.event.at) && isRelevant(filter, entry),
    );
    changed.set(published, new Set(found.flatMap(({ contactId }) => contactId ?? [])));
  }
  return (published, contactId) => changed.get(published)?.has(contactId) === true;
}

/** @returns the contacts that another evaluation overtook */
async function evaluateOnce(
  deps: EvaluateDeps,
  contactIds: readonly string[],
  {
    all,
    depthOf = () => 0,
    cause = 'TRIGGER',
    isForAll = false,
    isChanged = () => false,
  }: Parameters<typeof evaluateContacts>[2],
): Promise<string[]> {
  const { models } = deps;
  // The standings first: an evaluation that wrote its result before this read an older state of the contact, or this one.
  const standings = await reading(() =>
    models.workflowStandings
      .find({ _id: mongoose.trusted({ $in: [...contactIds] }) })
      .batchSize(contactIds.length + 1)
      .read('primary')
      .lean<WorkflowStanding[]>(),
  );
  const before = new Map(standings.map((one) => [one._id, one]));
  const contacts = await readContacts(deps, contactIds, all);
  const wanted: WantedEnrolment[] = [];
  const after: WorkflowStanding[] = [];
  for (const contactId of contactIds) {
    const contact = contacts.get(contactId);
    const known = before.get(contactId) ?? { _id: contactId, revision: 0, meets: [], starts: {} };
    const standing = standingAfter(known, contact, all);
    for (const published of all) {
      const { workflow, whyLeave } = published;
      const hasChanged = isChanged(published, contactId);
      const hasStarted =
        isForAll || hasChanged
          ? standing.meets.includes(workflow._id)
          : standing.starts[workflow._id] !== known.starts[workflow._id];
      // Those that met a new trigger before are left out. One that is newer than the trigger, or was changed after it, did not.
      const { enrolsNow, activatedAt } = workflow;
      const isNewer = contact !== undefined && activatedAt !== null && contact.createdAt > activatedAt;
      const isQuiet = isNoting(workflow) && !enrolsNow && !isNewer && !hasChanged;
      if (!hasStarted || isQuiet || whyLeave(contact) !== null) continue;
      const occasion = `start-${standing.starts[workflow._id] ?? 0}`;
      wanted.push({ ...{ published, contactId, occasion, cause, depth: depthOf(contactId) } });
    }
    if (standing !== known) after.push(standing);
  }
  await leave(deps, contactIds, contacts, all);
  // Enrolled before the standing is written: an evaluation that breaks off here is repeated, and names the same occasion.
  await enrol(deps, wanted);
  return writeStandings(deps, after, before);
}

/** Reads what these workflows compare, and when contacts were created. What no filter names can be most of a contact. */
async function readContacts(
  { models }: EvaluateDeps,
  ids: readonly string[],
  all: readonly Published[],
): Promise<Map<string, EvaluatedContact>> {
  const fields = new Set<EvaluatedField>(['createdAt', ...all.flatMap((one) => one.fields)]);
  const found = await reading(() => findContactsById(models.contacts, ids, [...fields]));
  return new Map(found.map((one) => [one._id, one]));
}

/** The standing of a contact as it is now; the same object if nothing differs. */
function standingAfter(
  known: WorkflowStanding,
  contact: EvaluatedContact | undefined,
  all: readonly Published[],
): WorkflowStanding {
  let standing = known;
  for (const { workflow, isMet } of all) {
    const was = known.meets.includes(workflow._id);
    const is = contact !== undefined && !contact.blankUntil && isMet?.(contact) === true;
    if (was === is) continue;
    const { meets, starts } = standing;
    standing = {
      ...standing,
      revision: known.revision + 1,
      meets: is ? [...meets, workflow._id] : meets.filter((id) => id !== workflow._id),
      starts: is ? { ...starts, [workflow._id]: (starts[workflow._id] ?? 0) + 1 } : starts,
    };
  }
  return standing;
}

/**
 * Contacts whose standing changes in the same way are one statement: bulk work changes most of a batch alike.
 * @returns the contacts whose standing another evaluation has written since it was read
 */
async function writeStandings(
  { models }: EvaluateDeps,
  after: readonly WorkflowStanding[],
  before: ReadonlyMap<string, WorkflowStanding>,
): Promise<string[]> {
  if (after.length === 0) return [];
  const { collection } = models.workflowStandings;
  const writes: AnyBulkWriteOperation[] = [];
  const alike = new Map<string, string[]>();
  for (const standing of after) {
    const { _id, ...fields } = standing;
    const known = before.get(_id);
    const key = JSON.stringify([known?.revision, fields]);
    const ids = alike.get(key);
    if (!known) writes.push({ insertOne: { document: standing as never } });
    else if (ids) ids.push(_id);
    else {
      const own = [_id];
      alike.set(key, own);
      const isSame = { $eq: ['$revision', known.revision] };
      writes.push({ updateMany: updateIf(own, isSame, { $literal: fields }) });
    }
  }
  const written = await writing(async () => {
    try {
      const { insertedCount, modifiedCount } = await collection.bulkWrite(writes, { ordered: false });
      return insertedCount + modifiedCount;
    } catch (error) {
      if (isOnlyDuplicates(error)) return error.result.insertedCount + error.result.modifiedCount;
      throw error;
    }
  });
  return written === after.length ? [] : after.map(({ _id }) => _id);
}

/** Takes out contacts under way that have met the goal, joined a suppression list, left the units, or were deleted. */
async function leave(
  { models, clock }: EvaluateDeps,
  contactIds: readonly string[],
  contacts: ReadonlyMap<string, EvaluatedContact>,
  all: readonly Published[],
): Promise<void> {
  // Most changes let nobody leave, and then nothing is read.
  const mayLeave = (id: string) => all.some(({ whyLeave }) => whyLeave(contacts.get(id)) !== null);
  const ids = contactIds.filter(mayLeave);
  if (ids.length === 0) return;
  const open = await reading(() =>
    models.enrolments
      .find({ contactId: mongoose.trusted({ $in: ids }) }, { workflowId: 1, contactId: 1, state: 1 })
      .lean<Pick<Enrolment, '_id' | 'workflowId' | 'contactId' | 'state'>[]>(),
  );
  const leaving = new Map<LeaveReason, string[]>();
  for (const { _id, workflowId, contactId, state } of open) {
    if (state !== 'ACTIVE') continue;
    const published = all.find(({ workflow }) => workflow._id === workflowId);
    const reason = published?.whyLeave(contacts.get(contactId)) ?? null;
    if (reason) leaving.set(reason, [...(leaving.get(reason) ?? []), _id]);
  }
  for (const reason of leaveReasons) {
    const _id = mongoose.trusted({ $in: leaving.get(reason) ?? [] });
    if (leaving.has(reason))
      while ((await writing(() => endEnrolments(models.enrolments, { _id }, { reason, at: clock() }))) > 0);
  }
}

/** Enrols contacts to whom the event of a trigger happened. Events from before the activation do not count. */
async function evaluateEvents(
  deps: EvaluateDeps,
  entries: readonly Change[],
  all: readonly Published[],
  depthOf: (entry: Change) => number,
): Promise<void> {
  const catalogue = await reading(() => deps.catalogue());
  const happened = all.flatMap((published) => {
    const { trigger } = published.plan;
    const since = published.workflow.activatedAt;
    const of = trigger?.kind === 'EVENT' ? trigger.of || trigger.listId : '';
    return entries.flatMap((entry) =>
      since && entry.contactId && entry.event.at >= since && eventOf(trigger)?.isIt(entry, of, catalogue)
        ? [{ published, contactId: entry.contactId, entry }]
        : [],
    );
  });
  if (happened.length === 0) return;
  const ids = [...new Set(happened.map(({ contactId }) => contactId))];
  const contacts = await readContacts(deps, ids, all);
  const wanted = happened.flatMap(({ published, contactId, entry }): WantedEnrolment[] => {
    if (published.whyLeave(contacts.get(contactId)) !== null) return [];
    const occasion = `event-${createHash('sha256').update(entry.key).digest('base64url').slice(0, 16)}`;
    return [{ published, contactId, occasion, cause: 'EVENT', depth: depthOf(entry) }];
  });
  await enrol(deps, wanted);
}

/** The history of a workflow: enrolments, counts of each step, and what staff may do with one contact. */
import mongoose from 'mongoose';
import type { TimeAndId } from '../../cursor.js';
import { DomainError } from '../../errors.js';
import { marksOf, type Enrolment } from '../../models/enrolment.js';
import type { Models } from '../../models/index.js';
import { olderThan } from '../../models/older-than.js';
import { running, type Workflow } from '../../models/workflow.js';
import type { Scope } from '../../vocabulary/scope.js';
import { figure } from '../../vocabulary/words.js';
import { reading, writing } from '../consent/durability.js';
import { workflowsWithin } from './workflows.js';

interface HistoryDeps {
  models: Models;
}

/** Counts go no further, so that a page reads a bounded number of index entries. */
const countCap = 10_000;

/** A condition on enrolments by a mark; `ACTIVE` and `ALL` are no marks. */
function whichOf(workflowId: string, mark: string): Record<string, unknown> {
  if (mark === 'ALL') return { workflowId };
  if (mark === 'ACTIVE') return { workflowId, state: 'ACTIVE' };
  // A mark that ends with a colon is a prefix: every reason of an outcome.
  const isPrefix = mark.endsWith(':');
  const range = { $gte: mark, $lt: `${mark.slice(0, -1)};` };
  return { workflowId, marks: isPrefix ? mongoose.trusted({ $elemMatch: range }) : mark };
}

/** How many enrolments have a mark: "1,240", or "10,000+". */
export async function countMarked(
  { models }: HistoryDeps,
  workflowId: string,
  mark: string,
): Promise<string> {
  const which = whichOf(workflowId, mark);
  const count = await reading(() => models.enrolments.countDocuments(which, { limit: countCap + 1 }));
  return count > countCap ? `${figure(countCap)}+` : figure(count);
}

/** Workflows within the scope in which steps have failed and are tried again, each with the number of contacts that wait for it. */
export async function findFailing(
  deps: HistoryDeps,
  scope: Scope,
): Promise<(Pick<Workflow, '_id' | 'name'> & { count: string })[]> {
  const workflows = await workflowsWithin(deps, scope);
  const active = workflows.filter(({ state }) => running.some((one) => one === state));
  const counted = active.map(async ({ _id, name }) => ({
    ...{ _id, name, count: await countMarked(deps, _id, 'failing:') },
  }));
  return (await Promise.all(counted)).filter(({ count }) => count !== '0');
}

/** Enrolments of one contact shown at most. */
const mostOfContact = 100;

/** The newest enrolments of a contact in these workflows. */
export async function findEnrolmentsOf(
  { models }: HistoryDeps,
  contactId: string,
  workflowIds: readonly string[],
): Promise<Enrolment[]> {
  const which = { contactId, workflowId: mongoose.trusted({ $in: [...workflowIds] }) };
  return reading(() =>
    models.enrolments.find(which).sort({ at: -1, _id: -1 }).limit(mostOfContact).lean<Enrolment[]>(),
  );
}

/** One page of enrolments, newest first. @param asked `contactId` finds those of one contact; `before` is the place of the last one shown */
export async function findEnrolments(
  { models }: HistoryDeps,
  workflowId: string,
  asked: { mark: string; contactId?: string | undefined; before: TimeAndId | null; limit: number },
): Promise<Enrolment[]> {
  const which = {
    ...whichOf(workflowId, asked.mark),
    ...(asked.contactId ? { contactId: asked.contactId } : {}),
  };
  return reading(() =>
    models.enrolments
      .find({ ...which, ...olderThan(asked.before) })
      .sort({ at: -1, _id: -1 })
      .limit(asked.limit)
      .lean<Enrolment[]>(),
  );
}

/** @throws DomainError `NOT_FOUND` if the workflow has no such enrolment */
export async function getEnrolment(
  { models }: HistoryDeps,
  workflowId: string,
  id: string,
): Promise<Enrolment> {
  const found = await reading(() => models.enrolments.findOne({ _id: id, workflowId }).lean<Enrolment>());
  if (!found) throw new DomainError('NOT_FOUND', 'There is no such enrolment.');
  return found;
}

/** Tries a failed step again at once, in place of waiting. @returns false if it is not waiting for another attempt */
export async function retryNow(
  { models, clock }: HistoryDeps & { clock: () => Date },
  one: Enrolment,
): Promise<boolean> {
  const { matchedCount } = await writing(() =>
    models.enrolments.updateOne(
      { _id: one._id, state: 'ACTIVE', fence: one.fence, lastError: mongoose.trusted({ $ne: null }) },
      { $set: { dueAt: clock() } },
    ),
  );
  return matchedCount === 1;
}

/** Takes a contact out. @returns false if it is not under way any more */
export async function unenrol(
  { models, clock }: HistoryDeps & { clock: () => Date },
  one: Enrolment,
): Promise<boolean> {
  const left = { ...one, state: 'LEFT', reason: 'BY_HAND', endedAt: clock() } as const;
  const { matchedCount } = await writing(() =>
    models.enrolments.updateOne(
      { _id: one._id, state: 'ACTIVE', fence: one.fence },
      {
        $set: { state: 'LEFT', reason: 'BY_HAND', endedAt: left.endedAt, marks: marksOf(left) },
        $inc: { fence: 1 },
      },
    ),
  );
  return matchedCount === 1;
}

/** Enrols contacts. The id of an enrolment names its occasion, so an occasion that is reported again enrols nobody twice. */
import mongoose from 'mongoose';
import { isOnlyDuplicates } from '../../models/database-fault.js';
import { marksOf, type Enrolment } from '../../models/enrolment.js';
import type { Models } from '../../models/index.js';
import { reading, writing } from '../consent/durability.js';
import { workflowOfRef } from './contract.js';
import type { Published } from './published.js';

/** Enrolments in a row that workflows may cause. The next one is stopped, and shown in the history. */
export const mostDepth = 10;

export type EnrolOutcome = 'ENROLLED' | 'UNDER_WAY' | 'ENROLLED_BEFORE';

export interface WantedEnrolment {
  published: Published;
  contactId: string;
  /** Unique for the contact and the workflow. Not used if the workflow enrols once: then there is one occasion. */
  occasion: string;
  cause: Enrolment['cause'];
  /** How many enrolments by workflows led to this one. */
  depth: number;
}

/**
 * Enrols contacts that are not under way in the workflow. Without re-enrolment, a contact that was ever enrolled is not enrolled again.
 * @returns an outcome for each, in their order. An occasion that is reported again has the outcome that it had.
 */
export async function enrol(
  { models, clock }: { models: Pick<Models, 'enrolments'>; clock: () => Date },
  wanted: readonly WantedEnrolment[],
): Promise<EnrolOutcome[]> {
  if (wanted.length === 0) return [];
  const now = clock();
  const outcomes = new Map<WantedEnrolment, EnrolOutcome>();
  for (let left = [...wanted]; left.length > 0;) {
    const earlier = await reading(() => findEarlier(models, left));
    const fresh = new Map<string, WantedEnrolment>();
    for (const one of left) {
      const key = keyOf(one.published.workflow._id, one.contactId);
      const known = fresh.has(key) ? 'UNDER_WAY' : outcomeOf(one, earlier.get(key));
      outcomes.set(one, known ?? 'ENROLLED');
      if (known === null) fresh.set(key, one);
    }
    const documents = [...fresh.values()].map((one) => enrolmentOf(one, now));
    const isWhole = documents.length === 0 || (await writing(() => insertAll(models, documents)));
    // Somebody else has enrolled one of them meanwhile. What is stored now says who.
    left = isWhole ? [] : [...fresh.values()];
  }
  return wanted.map((one) => outcomes.get(one) ?? 'ENROLLED');
}

/** @returns whether none of them was there already */
async function insertAll(
  { enrolments }: Pick<Models, 'enrolments'>,
  documents: readonly Enrolment[],
): Promise<boolean> {
  try {
    await enrolments.collection.insertMany([...documents] as never[], { ordered: false });
    return true;
  } catch (error) {
    if (isOnlyDuplicates(error)) return false;
    throw error;
  }
}

/** Null: the contact is to be enrolled. */
function outcomeOf(
  { occasion, published }: WantedEnrolment,
  earlier: readonly Earlier[] = [],
): EnrolOutcome | null {
  if (earlier.some((one) => one.occasion === occasion)) return 'ENROLLED';
  if (earlier.some(({ state }) => state === 'ACTIVE')) return 'UNDER_WAY';
  return earlier.length > 0 && !published.plan.enrolsAgain ? 'ENROLLED_BEFORE' : null;
}

const keyOf = (workflowId: string, contactId: string) => `${workflowId}:${contactId}`;
const onceIdOf = (workflowId: string, contactId: string) => `${keyOf(workflowId, contactId)}:once`;

type Earlier = Pick<Enrolment, 'contactId' | 'workflowId' | 'state' | 'occasion'>;

/** The enrolments of these contacts so far, by workflow and contact. For workflows that enrol once it reads no enrolment in another workflow. */
async function findEarlier(
  { enrolments }: Pick<Models, 'enrolments'>,
  wanted: readonly WantedEnrolment[],
): Promise<Map<string, Earlier[]>> {
  const enrolsOnce = wanted.every(({ published }) => published.workflow.enrolsOnce);
  const onceIds = wanted.map((one) => onceIdOf(one.published.workflow._id, one.contactId));
  const contactIds = [...new Set(wanted.map(({ contactId }) => contactId))];
  const found = await enrolments
    .find(
      // By the contacts alone: some databases read all enrolments for a second condition.
      enrolsOnce
        ? { _id: mongoose.trusted({ $in: onceIds }) }
        : { contactId: mongoose.trusted({ $in: contactIds }) },
      { contactId: 1, workflowId: 1, state: 1, occasion: 1, reason: 1 },
    )
    .batchSize(1000)
    .read('primary')
    .lean<(Earlier & Pick<Enrolment, 'reason'>)[]>();
  const earlier = new Map<string, Earlier[]>();
  for (const one of found) {
    if (one.reason === 'LOOP') continue;
    const key = keyOf(one.workflowId, one.contactId);
    earlier.set(key, [...(earlier.get(key) ?? []), one]);
  }
  return earlier;
}

function enrolmentOf(
  { published, contactId, occasion, cause, depth }: WantedEnrolment,
  now: Date,
): Enrolment {
  const { workflow, plan } = published;
  const isLoop = depth > mostDepth;
  const end = isLoop
    ? ({ state: 'LEFT', reason: 'LOOP', endedAt: now } as const)
    : ({ state: 'ACTIVE', reason: null, endedAt: null } as const);
  const enrolment: Enrolment = {
    // A stopped one is an occasion of its own, so it does not count as the only one of the contact.
    _id:
      plan.enrolsAgain || isLoop
        ? `${keyOf(workflow._id, contactId)}:${occasion}`
        : onceIdOf(workflow._id, contactId),
    ...{ workflowId: workflow._id, contactId, version: workflow.version, cause, occasion, depth },
    ...{ at: now, dueAt: now },
    ...{ step: plan.steps[0]?.id ?? null, isWaiting: false, leasedUntil: new Date(0), leasedBy: null },
    ...{ fence: 0, attempts: 0, lastError: null, path: [], marks: [] },
    ...end,
  };
  return { ...enrolment, marks: marksOf(enrolment) };
}

/** An act on a contact, by its reference. */
interface ContactAct {
  ref: string | undefined;
  contactId: string;
}

/** How many enrolments in a row caused these acts: by the newest enrolment of the contact in the workflow that acted. Other actors count as none. */
export async function findDepths(
  { enrolments }: Pick<Models, 'enrolments'>,
  acts: readonly ContactAct[],
): Promise<(act: ContactAct) => number> {
  const made = acts.filter(({ ref }) => workflowOfRef(ref) !== null);
  if (made.length === 0) return () => 0;
  const contactIds = [...new Set(made.map(({ contactId }) => contactId))];
  const found = await reading(() =>
    enrolments
      .find(
        { contactId: mongoose.trusted({ $in: contactIds }) },
        { workflowId: 1, contactId: 1, depth: 1, at: 1 },
      )
      .sort({ at: 1 })
      .lean<Pick<Enrolment, 'workflowId' | 'contactId' | 'depth'>[]>(),
  );
  const depths = new Map(
    found.map(({ workflowId, contactId, depth }) => [keyOf(workflowId, contactId), depth]),
  );
  return ({ ref, contactId }) => {
    const depth = depths.get(keyOf(workflowOfRef(ref) ?? '', contactId));
    return depth === undefined ? 0 : depth + 1;
  };
}

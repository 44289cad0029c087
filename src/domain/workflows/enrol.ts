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
 * @returns how many were enrolled
 */
export async function enrol(
  { models, clock }: { models: Pick<Models, 'enrolments'>; clock: () => Date },
  wanted: readonly WantedEnrolment[],
): Promise<number> {
  if (wanted.length === 0) return 0;
  const earlier = await reading(() => findEarlier(models, wanted));
  const now = clock();
  const fresh = new Map<string, Enrolment>();
  for (const one of wanted) {
    const key = keyOf(one.published.workflow._id, one.contactId);
    const is = earlier.get(key);
    if (fresh.has(key) || is === 'OPEN' || (is === 'ENDED' && !one.published.plan.enrolsAgain)) continue;
    fresh.set(key, enrolmentOf(one, now));
  }
  if (fresh.size === 0) return 0;
  return writing(async () => {
    try {
      const documents = [...fresh.values()] as never[];
      return (await models.enrolments.collection.insertMany(documents, { ordered: false })).insertedCount;
    } catch (error) {
      if (isOnlyDuplicates(error)) return error.result.insertedCount;
      throw error;
    }
  });
}

const keyOf = (workflowId: string, contactId: string) => `${workflowId}:${contactId}`;

/** Whether these contacts were enrolled before, by workflow and contact. */
async function findEarlier(
  { enrolments }: Pick<Models, 'enrolments'>,
  wanted: readonly WantedEnrolment[],
): Promise<Map<string, 'OPEN' | 'ENDED'>> {
  const workflowIds = [...new Set(wanted.map(({ published }) => published.workflow._id))];
  const contactIds = [...new Set(wanted.map(({ contactId }) => contactId))];
  const found = await enrolments
    .find(
      {
        contactId: mongoose.trusted({ $in: contactIds }),
        workflowId: mongoose.trusted({ $in: workflowIds }),
        reason: mongoose.trusted({ $ne: 'LOOP' }),
      },
      { contactId: 1, workflowId: 1, state: 1 },
    )
    .read('primary')
    .lean<Pick<Enrolment, 'contactId' | 'workflowId' | 'state'>[]>();
  const earlier = new Map<string, 'OPEN' | 'ENDED'>();
  for (const { workflowId, contactId, state } of found) {
    const key = keyOf(workflowId, contactId);
    if (state === 'ACTIVE' || !earlier.has(key)) earlier.set(key, state === 'ACTIVE' ? 'OPEN' : 'ENDED');
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
    _id: `${keyOf(workflow._id, contactId)}:${plan.enrolsAgain || isLoop ? occasion : 'once'}`,
    ...{ workflowId: workflow._id, contactId, version: workflow.version, cause, depth, at: now, dueAt: now },
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

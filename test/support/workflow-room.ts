/** Setup for workflows: the setup of the change feed, workflows made from a plan, and their runs. */
import pino from 'pino';
import { allOf, type Condition, type Filter } from '../../src/domain/filters/filter.js';
import type { RunDeps } from '../../src/domain/workflows/run.js';
import { runDueEnrolments } from '../../src/domain/workflows/run.js';
import { emptyPlan, newStepId, type Plan, type Step } from '../../src/domain/workflows/plan.js';
import { updateWorkflow } from '../../src/domain/workflows/update.js';
import { updateInput } from '../../src/domain/workflows/update-job.js';
import { createWorkflow, getWorkflow, publish, saveDraft } from '../../src/domain/workflows/workflows.js';
import { drainFeed } from '../../src/feed/run.js';
import type { Contact } from '../../src/models/contact.js';
import type { Enrolment } from '../../src/models/enrolment.js';
import type { Job } from '../../src/models/job.js';
import type { Workflow } from '../../src/models/workflow.js';
import { openFeedRoom, type FeedRoom } from './feed-room.js';
import { northwind, trailNotes } from './people.js';

export interface WorkflowRoom extends FeedRoom {
  run: RunDeps;
  /** A new workflow with this plan, active. */
  workflow: (
    plan: Partial<Plan>,
    more?: { enrolsNow?: boolean; unitIds?: number[] | null },
  ) => Promise<Workflow>;
  /** Publishes another plan of a workflow. */
  republish: (
    workflow: Workflow,
    plan: Partial<Plan>,
    choice?: { enrolsNow?: boolean; moves?: boolean },
  ) => Promise<Workflow>;
  the: (workflow: Pick<Workflow, '_id'>) => Promise<Workflow>;
  /** Runs the jobs that workflows have queued. */
  runJobs: () => Promise<void>;
  /** Everything that workers do: the feed, and then the steps that are due. */
  work: (deps?: Partial<RunDeps>) => Promise<void>;
  enrolments: (workflow: Pick<Workflow, '_id'>) => Promise<Enrolment[]>;
  /** The leases of killed workers end. */
  endLeases: () => Promise<void>;
}

export const step = (kind: string, input: object, paths?: [Step[], Step[]]): Step => ({
  ...{ id: newStepId(), kind, input },
  ...(paths ? { paths } : {}),
});
export const consent = (status: 'OPT_IN' | 'OPT_OUT', typeId: number = trailNotes.id): Step =>
  step('CONSENT', { channel: 'EMAIL', status, typeId, legalBasis: null, explanation: '' });
export const property = (name: string, value: string): Step => step('PROPERTY', { name, value });
export const wait = (amount: number, unit: string): Step => step('WAIT', { until: 'TIME', amount, unit });

/** Contacts that have this value of a property. */
export const having = (of: string, value: string): Filter =>
  allOf([{ on: 'property', of: of.toLowerCase(), is: 'IS', values: [value] }]);
export const onFilter = (filter: Filter) => ({ kind: 'FILTER', filter }) as const;
export const isCondition = (on: string, of: string, is: Condition['is'], ...values: string[]): Condition => ({
  ...{ on, of, is, values },
});

/** What workers need to run steps. */
export function runDepsOf(room: Pick<FeedRoom, 'deps' | 'models' | 'subscriberIds'>): RunDeps {
  return {
    ...{ ...room.deps, models: room.models, subscriberIds: room.subscriberIds },
    config: { subscriberIdKey: 'the key of the tests', privateSources: ['127.0.0.1'] },
    log: pino({ level: 'silent' }),
  };
}

export async function openWorkflowRoom(): Promise<WorkflowRoom> {
  const room = await openFeedRoom();
  const run = runDepsOf(room);
  const the: WorkflowRoom['the'] = ({ _id }) => getWorkflow(run, _id, null);
  const runJobs = async () => {
    const jobs = await room.models.jobs.find({ state: 'QUEUED' }).lean<Job[]>();
    for (const { _id, input } of jobs) {
      for await (const _ of updateWorkflow(run, updateInput.parse(input), null));
      await room.models.jobs.updateOne({ _id }, { state: 'DONE' });
    }
  };
  const republish: WorkflowRoom['republish'] = async (workflow, plan, choice = {}) => {
    await saveDraft(run, await the(workflow), { ...emptyPlan, ...plan });
    const { enrolsNow = false, moves = false } = choice;
    await publish(run, await the(workflow), { enrolsNow, moves, by: 'user:1' });
    await runJobs();
    return the(workflow);
  };
  return {
    ...room,
    ...{ run, the, runJobs, republish },
    async workflow(plan, { enrolsNow = false, unitIds = null } = {}) {
      const _id = await createWorkflow(run, { name: 'Welcome', unitIds, by: 'user:1' });
      return republish(await the({ _id }), plan, { enrolsNow });
    },
    async work(deps = {}) {
      await drainFeed({ ...room.feed, ...(deps.models ? { models: deps.models } : {}) });
      await runDueEnrolments({ ...run, ...deps });
    },
    enrolments: ({ _id }) =>
      room.models.enrolments.find({ workflowId: _id }).sort({ at: 1, _id: 1 }).lean<Enrolment[]>(),
    endLeases: async () =>
      void (await room.models.enrolments.updateMany({}, { $set: { leasedUntil: new Date(0) } })),
    async reset() {
      await room.reset();
      const { workflows, workflowVersions, workflowStandings, enrolments, jobs, mails } = room.models;
      for (const model of [workflows, workflowVersions, workflowStandings, enrolments, jobs, mails])
        await model.collection.deleteMany({});
    },
  };
}

/** A contact becomes gold, and is greeted. */
export const gold: Partial<Plan> = {
  trigger: onFilter(having('tier', 'gold')),
  steps: [property('Greeted', 'yes')],
};

/** Contacts of the tests, and what became of them. */
export function peopleIn(room: WorkflowRoom) {
  let number = 0;
  return {
    somebody: (tier = '', unitIds = [northwind.id]) =>
      room.contact({
        ...{ firstName: 'Pat', email: `pat-${++number}@example.com`, unitIds },
        properties: tier ? { Tier: tier } : {},
      }),
    async becomes(contact: Contact, tier: string) {
      const now = await room.stored(contact._id);
      return room.edit(now ?? contact, { properties: { Tier: tier } });
    },
    /** The ids of the contacts that a workflow has enrolled, sorted. */
    enrolledIn: async (workflow: { _id: string }) =>
      (await room.enrolments(workflow)).map(({ contactId }) => contactId).sort(),
    statesOf: async (workflow: { _id: string }) =>
      (await room.enrolments(workflow)).map(({ state }) => state),
    greeted: async ({ _id }: Contact) => (await room.stored(_id))?.properties['Greeted'],
  };
}

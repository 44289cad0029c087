/** Changes of consent through jobs that really run: bulk edits, imports of contacts, opt-out lists, and workflows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { wantedOf } from '../../src/jobs/kind.js';
import { bulkEdit } from '../../src/jobs/kinds/bulk-edit.js';
import { runDueJobs } from '../../src/jobs/engine.js';
import { steppersOf } from '../../src/jobs/registry.js';
import type { BulkEdit } from '../../src/domain/contacts/bulk/bulk-edit.js';
import { jobRows } from '../../src/models/job-chunk.js';
import { confirmJob, queueJob } from '../../src/models/job.js';
import { runDueEnrolments } from '../../src/domain/workflows/run.js';
import { emptyPlan, type Step } from '../../src/domain/workflows/plan.js';
import { createWorkflow, getWorkflow, publish, saveDraft } from '../../src/domain/workflows/workflows.js';
import type { Actor, LegalBasis, SubscriptionType, Wish } from '../../src/vocabulary/terms.js';
import type { TestPortal } from './app.js';
import { having, onFilter, step } from './workflow-room.js';

/** A workflow that enrols contacts by hand, as often as one wants. Its job must run before it does. @returns its id */
export async function publishedWorkflow(deps: TestPortal['deps'], steps: Step[]): Promise<string> {
  const by = 'user:1';
  const _id = await createWorkflow(deps, { name: 'Surface', unitIds: null, by });
  const plan = { ...emptyPlan, trigger: onFilter(having('surface', 'none')), steps, enrolsAgain: true };
  await saveDraft(deps, await getWorkflow(deps, _id, null), plan);
  await publish(deps, await getWorkflow(deps, _id, null), { enrolsNow: false, moves: false, by });
  return _id;
}

export const jobSurfaces = ['bulk', 'import', 'list', 'workflow'] as const;
export type JobSurface = (typeof jobSurfaces)[number];

interface JobAct {
  address: string;
  contactId: string;
  type: SubscriptionType;
  isOptIn: boolean;
}

/** The actor whose rules hold, what it wishes, and the work. `run` gives the refusal if the job names one, false for success, and null if it does not say. */
interface Surface {
  actor: Actor;
  wishes: Wish[];
  run: () => Promise<string | false | null>;
}

/** @param call calls the API with a key that may do everything, and gives the body of the answer */
export function jobSurfacesOf(
  portal: TestPortal,
  why: { legalBasis: LegalBasis; explanation: string },
  call: (method: string, path: string, body: object | string) => Promise<Record<string, unknown>>,
) {
  const { deps } = portal;
  const { log, metrics, models } = deps;
  let number = 0;
  const workflows = new Map<string, Promise<string>>();
  /** Runs jobs until none is left. A round ends while another one still works on a job, and one that met a fault is due a second later. */
  async function work(): Promise<void> {
    const waiting = { state: { $in: ['QUEUED', 'RUNNING'] as never[] } };
    do {
      await runDueJobs({ models, steppers: steppersOf(deps), log, metrics });
    } while ((await models.jobs.collection.countDocuments(waiting)) > 0 && (await sleep(50, true)));
  }

  async function workflowOf({ id }: SubscriptionType, isOptIn: boolean): Promise<string> {
    const input = { channel: 'EMAIL', status: isOptIn ? 'OPT_IN' : 'OPT_OUT', typeId: id, ...why };
    const workflowId = await publishedWorkflow(deps, [step('CONSENT', input)]);
    await work();
    return workflowId;
  }

  /** Uploads a list, and confirms it once it is checked. */
  async function importList(query: Record<string, string>, text: string): Promise<void> {
    const { id } = await call('POST', `/imports?${String(new URLSearchParams(query))}`, text);
    await work();
    const checked = await models.imports.findById(String(id)).lean();
    const confirmation = { number: checked?.counts?.distinct, revision: checked?.revision };
    await call('POST', `/imports/${String(id)}/confirmation`, confirmation);
    await work();
  }

  return async (by: JobSurface, { address, contactId, type, isOptIn }: JobAct): Promise<Surface> => {
    const wish: Wish = { kind: isOptIn ? 'OPT_IN' : 'OPT_OUT', typeId: type.id };
    const wishes = [wish];
    const act = `surface-${number++}`;
    switch (by) {
      case 'bulk': {
        const input: BulkEdit = {
          selection: { kind: 'IDS', ids: [contactId] },
          ...{ channel: type.channel, typeIds: [type.id], status: isOptIn ? 'OPT_IN' : 'OPT_OUT' },
          ...{ hasOptOutOfAllRemoved: false, processingBasis: null, ...why },
        };
        const actor = { kind: 'STAFF', isBulk: true, ref: `job:${act}`, scope: null } as const;
        const run = async () => {
          portal.advance(1000);
          await queueJob(deps, { id: act, ...wantedOf(bulkEdit, input), requestedBy: '1', scope: null });
          await work();
          await confirmJob(deps, act, null);
          await work();
          for await (const { outcomes } of jobRows(models, act)) return refusalIn(outcomes[0]);
          return null;
        };
        return { actor, wishes, run };
      }
      case 'import': {
        const columns = JSON.stringify({ Email: 'email', Type: `subscription:${type.id}` });
        const run = async () => {
          const text = `Email,Type\n${address},${isOptIn ? 'yes' : 'no'}\n`;
          await importList({ kind: 'CONTACTS', columns, businessUnitIds: '0', ...why }, text);
          return null;
        };
        return { actor: { kind: 'IMPORT', ref: `import:${act}`, mayOptIn: true }, wishes, run };
      }
      case 'list': {
        const unitId = type.unitId;
        const run = async () => {
          await importList({ businessUnitId: String(unitId) }, `Email\n${address}\n`);
          return false as const;
        };
        return {
          actor: { kind: 'IMPORT', ref: `import:${act}` },
          wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId }],
          run,
        };
      }
      case 'workflow': {
        const key = `${type.id}:${isOptIn}`;
        const id = workflows.get(key) ?? workflowOf(type, isOptIn);
        workflows.set(key, id);
        const workflowId = await id;
        const run = async () => {
          await call('POST', `/workflows/${workflowId}/enrolments`, { emails: [address] });
          await runDueEnrolments(deps);
          return null;
        };
        return { actor: { kind: 'WORKFLOW', ref: `workflow:${workflowId}` }, wishes, run };
      }
    }
  };
}

function refusalIn(outcome: string | undefined): string | false | null {
  if (outcome === undefined) return null;
  return outcome === 'CHANGED' || outcome === 'NO_CHANGE' || outcome === 'PENDING' ? false : outcome;
}

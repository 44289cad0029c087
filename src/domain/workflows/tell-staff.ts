/** Mails staff when steps of a workflow fail: at most one mail an hour for each workflow. */
import { adminPaths } from '../../admin-paths.js';
import type { Config } from '../../config.js';
import type { Models } from '../../models/index.js';
import { enrolling, findWorkflowsIn, type Workflow } from '../../models/workflow.js';
import { mailStaff, type StaffMailDeps } from '../webhooks/alerts.js';
import { publishedOf } from './published.js';

export interface FailureDeps extends Omit<StaffMailDeps, 'models'> {
  models: Models;
  config: Pick<Config, 'baseUrl'>;
}

const hourMs = 3_600_000;

/** Notes that a step failed. Staff are told of it later, so that no mail delays a step. */
export async function noteFailure(
  { models, clock }: Pick<FailureDeps, 'models' | 'clock'>,
  id: string,
): Promise<void> {
  await models.workflows.updateOne({ _id: id }, { $max: { failedAt: clock() } });
}

/** Tells staff of failures since the last mail. One worker takes each mail. */
export async function tellStaffOfFailures(deps: FailureDeps): Promise<void> {
  const { workflows } = deps.models;
  const now = deps.clock();
  const failed = (await findWorkflowsIn(workflows, enrolling)).filter((one) => isDue(one, now));
  for (const { workflow, plan } of await publishedOf(deps, failed)) {
    const { _id, name, unitIds, mailedAt = null } = workflow;
    if (!plan.tellsStaff) continue;
    const taken = await workflows.updateOne({ _id, mailedAt }, { $set: { mailedAt: now } });
    if (taken.modifiedCount === 0) continue;
    const heading = 'Steps of a workflow fail';
    const mail = {
      ...{ key: `WORKFLOW:${_id}`, subject: `${heading}: ${name}`, heading },
      sentences: [
        'Each failed step is tried again until it succeeds. The history shows which contacts wait, and why.',
      ],
      button: { label: 'Open the history', url: deps.config.baseUrl + adminPaths.workflowHistory(_id) },
      small: `The workflow is “${name}”. You get this mail at most once an hour because you may change workflows.`,
    };
    await mailStaff(deps, mail, { unitIds, may: 'workflows.change' });
  }
}

function isDue({ failedAt, mailedAt }: Workflow, now: Date): boolean {
  if (!failedAt) return false;
  return !mailedAt || (failedAt > mailedAt && now.getTime() - mailedAt.getTime() >= hourMs);
}

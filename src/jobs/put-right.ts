/** PUT_RIGHT: undoes opt-outs that machines made, for subscribers whose contacts say that it was not them. */
import { changeConsentInBulk } from '../domain/consent/change-in-bulk.js';
import type { ConsentInput } from '../domain/consent/change.js';
import { readHistory } from '../domain/consent/history.js';
import { circumstancesOf } from '../domain/contacts/bulk/bulk-edit.js';
import { putRightSchema, wishesToPutRight } from '../domain/contacts/bulk/put-right.js';
import type { JobRow } from '../models/job-chunk.js';
import type { Job } from '../models/job.js';
import { chunkedStepper, inChunks } from './chunked.js';
import type { Stepper } from './engine.js';
import { actorOf, jobRef, rowOutcomeOf } from './job-deps.js';
import type { JobDeps } from './job-deps.js';

export function putRightStepper(deps: JobDeps): Stepper {
  return chunkedStepper(deps, {
    select: ({ input }, after) => inChunks(putRightSchema.parse(input).subscriberIds, after),
    async run(job, ids, { isRepeat, guard }) {
      const rows: JobRow[] = [];
      const inputs: ConsentInput[] = [];
      for (const id of ids) {
        const found = await findAct(deps, job, id);
        rows.push(found.row);
        if (found.input) inputs.push(found.input);
      }
      const results = await changeConsentInBulk(deps, inputs, { isRepeat, beforeWrite: guard });
      const told = new Map(inputs.map(({ subscriberId }, place) => [subscriberId, results[place]]));
      return rows.map((row) => {
        const outcomes = told.get(row.subscriberId ?? '')?.outcomes.map(rowOutcomeOf);
        return outcomes ? { ...row, outcomes } : row;
      });
    },
  });
}

/** These are few, and the events that are to be undone are part of the wish: so histories are read one by one. */
async function findAct(
  deps: JobDeps,
  job: Job,
  subscriberId: string,
): Promise<{ row: JobRow; input?: ConsentInput }> {
  const history = await readHistory(deps.models, subscriberId);
  if (!history) return { row: { contactId: null, subscriberId, outcomes: ['NO_CONTACT'] } };
  const { subscriber, events } = history;
  const row: JobRow = { contactId: subscriber.contactId, subscriberId, outcomes: ['NO_CHANGE'] };
  const isDone = events.some(({ actor }) => actor.ref === jobRef(job._id));
  if (isDone) return { row: { ...row, outcomes: ['CHANGED'] } };
  const about = { catalogue: await deps.catalogue(), scope: job.scope };
  const wishes = wishesToPutRight(subscriber, events, about);
  if (wishes.length === 0) return { row };
  const circumstances = circumstancesOf(putRightSchema.parse(job.input));
  const { channel } = subscriber;
  return { row, input: { subscriberId, channel, actor: actorOf(job), wishes, circumstances } };
}

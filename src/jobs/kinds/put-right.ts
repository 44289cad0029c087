/** PUT_RIGHT: undoes the automated opt-outs that were listed when staff requested it. It is previewed and confirmed first. */
import { z } from 'zod';
import { severalLines } from '../../clean-text.js';
import type { TimeAndId } from '../../cursor.js';
import { changeConsentInBulk } from '../../domain/consent/change-in-bulk.js';
import { previewConsent } from '../../domain/consent/offers.js';
import type { ConsentInput, Outcome } from '../../domain/consent/change.js';
import { hasActed } from '../../domain/consent/earlier-acts.js';
import { findMachineMadeCursors } from '../../domain/consent/find-machine-made.js';
import { machineOptOutsOf, undoMachineOptOut } from '../../domain/consent/machine-opt-outs.js';
import { circumstancesOf, longestExplanation } from '../../domain/contacts/bulk/bulk-edit.js';
import { chunkSize, type JobRow } from '../../models/job-chunk.js';
import type { Job } from '../../models/job.js';
import { findWholeSubscribers } from '../../models/find-subscribers.js';
import { legalBases } from '../../vocabulary/terms.js';
import { momentOf } from '../../vocabulary/words.js';
import { chunkedStepper } from '../chunked.js';
import { whyFacts } from '../facts.js';
import { actorOf, jobRef, rowOutcomeOf, type JobDeps } from '../job-deps.js';
import type { JobKind } from '../kind.js';

/** The list within the job's scope at the time of the request. These reasons are recorded. */
const putRightSchema = z.object({
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().overwrite(severalLines).min(1).max(longestExplanation),
});

export const putRight: JobKind<z.infer<typeof putRightSchema>> = {
  name: 'PUT_RIGHT',
  input: putRightSchema,
  permission: 'bulk.run',
  label: 'Correct machine-made opt-outs',
  lane: () => 'LONG',
  rows: ['address', 'addresses'],
  facts: (reasons, { at }, { catalogue }) => [
    { term: 'Whom', words: [`All addresses listed on ${momentOf(at, catalogue.timeZone)}`] },
    ...whyFacts(reasons),
  ],
  columns: () => ['Outcome'],
  stepper: (deps) =>
    chunkedStepper(deps, {
      select: (job, from) => select(deps, job, from),
      async preview(job, ids) {
        const { inputs, rowsWith } = await planOf(deps, job, ids, false);
        return rowsWith(await previewConsent(deps, inputs));
      },
      async run(job, ids, { isRepeat, guard }) {
        const { inputs, rowsWith } = await planOf(deps, job, ids, isRepeat);
        const results = await changeConsentInBulk(deps, inputs, { isRepeat, beforeWrite: guard });
        return rowsWith(results);
      },
    }),
};

/** The list from a position on, without entries added after the request. */
async function* select(
  deps: JobDeps,
  { scope, at }: Job,
  from: string | null,
): AsyncGenerator<{ ids: string[]; after: string }> {
  const before = checkpointIn(from) ?? { at: new Date(at.getTime() + 1), id: '' };
  const found = await findMachineMadeCursors(deps, { scope, before, limit: chunkSize });
  const last = found.at(-1);
  if (last) yield { ids: found.map(({ id }) => id), after: `${last.at.getTime()}.${last.id}` };
}

function checkpointIn(text: string | null): TimeAndId | null {
  const [, ms, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(text ?? '') ?? [];
  return ms && id ? { at: new Date(Number(ms)), id } : null;
}

/** The acts that the rules are asked about, and how the answers become the rows of the chunk. */
type ChunkPlan = { inputs: ConsentInput[]; rowsWith: (answers: { outcomes: Outcome[] }[]) => JobRow[] };

/** @param isRepeat true if some of it may be done already; what was done then counts as done by this job */
async function planOf(deps: JobDeps, job: Job, ids: string[], isRepeat: boolean): Promise<ChunkPlan> {
  const catalogue = await deps.catalogue();
  const found = await findWholeSubscribers(deps.models.subscribers, ids);
  const act = { actor: actorOf(job), circumstances: circumstancesOf(putRightSchema.parse(job.input)) };
  const rows: JobRow[] = [];
  const inputs: ConsentInput[] = [];
  for (const subscriberId of ids) {
    const subscriber = found.get(subscriberId);
    if (!subscriber) {
      rows.push({ contactId: null, subscriberId, outcomes: ['NO_CONTACT'] });
      continue;
    }
    const { contactId, channel } = subscriber;
    const isDone = isRepeat && (await hasActed(deps.models, subscriber, jobRef(job._id)));
    rows.push({ contactId, subscriberId, outcomes: [isDone ? 'CHANGED' : 'NO_CHANGE'] });
    if (isDone) continue;
    const wishes = machineOptOutsOf(subscriber, catalogue, job.scope).map(undoMachineOptOut);
    if (wishes.length > 0) inputs.push({ ...act, subscriberId, channel, wishes });
  }
  return {
    inputs,
    rowsWith(answers) {
      const told = new Map(inputs.map(({ subscriberId }, place) => [subscriberId, answers[place]?.outcomes]));
      return rows.map((row) => {
        const ofRow = told.get(row.subscriberId ?? '');
        return ofRow ? { ...row, outcomes: ofRow.map(rowOutcomeOf) } : row;
      });
    },
  };
}

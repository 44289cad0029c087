/** BULK_EDIT: edits the communication subscriptions of many contacts, by the rules for bulk work. */
import { changeConsentInBulk } from '../../domain/consent/change-in-bulk.js';
import { previewConsent, type Preview } from '../../domain/consent/offers.js';
import type { ConsentInput, ConsentResult } from '../../domain/consent/change.js';
import { bulkEditSchema, circumstancesOf, wishesOf } from '../../domain/contacts/bulk/bulk-edit.js';
import type { BulkEdit, BulkStatus } from '../../domain/contacts/bulk/bulk-edit.js';
import { findContactsById, giveProcessingBasis } from '../../models/contact.js';
import { type JobRow, type RowOutcome } from '../../models/job-chunk.js';
import type { Job } from '../../models/job.js';
import { isAnyInScope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { basisNames, channelNames, listOf } from '../../vocabulary/words.js';
import { chunkedStepper, type RunOptions } from '../chunked.js';
import { laneOf, whomFact, whyFacts } from '../facts.js';
import { actorOf, rowOutcomeOf, type JobDeps } from '../job-deps.js';
import type { Fact, JobKind } from '../kind.js';
import { selectContacts } from '../selected.js';

const wishedStatusWords: Readonly<Record<BulkStatus, string>> = {
  OPT_IN: 'Opt in',
  NOT_OPTED: 'Not opted',
  OPT_OUT: 'Opt out',
};
const liftWords = 'Remove opt out from all email';

export const bulkEdit: JobKind<BulkEdit> = {
  name: 'BULK_EDIT',
  input: bulkEditSchema,
  permission: 'bulk.run',
  label: 'Edit communication subscriptions',
  lane: ({ selection }) => laneOf(selection),
  rows: ['contact', 'contacts'],
  facts: (edit, job, about) => [whomFact(edit.selection, job, about), ...editFacts(edit, about.catalogue)],
  columns(edit, { scope }, { catalogue }) {
    const { lifts, types } = wishesOf(edit, { catalogue, scope });
    const status = edit.status ? wishedStatusWords[edit.status] : '';
    return [
      ...(lifts.length > 0 ? [liftWords] : []),
      ...types.map((wish) => `${status}: ${'typeId' in wish ? nameOf(catalogue, wish.typeId) : ''}`),
    ];
  },
  stepper: (deps) =>
    chunkedStepper(deps, {
      select: selectContacts(deps),
      async preview(job, ids) {
        const plan = await planOf(deps, job, ids);
        return plan.rowsWith(await previewConsent(deps, plan.inputs));
      },
      async run(job, ids, options) {
        const middle = Math.ceil(ids.length / 2);
        const parts = [ids.slice(0, middle), ids.slice(middle)];
        // In parallel: while the database writes one half, the other half is decided. Both end before an error of one is thrown.
        const ended = await Promise.allSettled(parts.map((part) => edit(deps, job, part, options)));
        return ended.flatMap((one) => {
          if (one.status === 'rejected') throw one.reason;
          return one.value;
        });
      },
    }),
};

function editFacts(edit: BulkEdit, catalogue: Pick<Catalogue, 'types'>): Fact[] {
  const types = edit.typeIds.map((id) => nameOf(catalogue, id));
  const words = [
    ...(edit.hasOptOutOfAllRemoved ? [liftWords] : []),
    ...(edit.status && types.length > 0 ? [`${wishedStatusWords[edit.status]}: ${listOf(types)}`] : []),
  ];
  const term = 'Legal basis for processing, where there is none';
  return [
    { term: 'Channel', words: [channelNames[edit.channel]] },
    { term: 'Change', words },
    ...whyFacts(edit),
    ...(edit.processingBasis ? [{ term, words: [basisNames[edit.processingBasis]] }] : []),
  ];
}

function nameOf({ types }: Pick<Catalogue, 'types'>, typeId: number): string {
  return types.get(typeId)?.name ?? `type ${typeId}`;
}

async function edit(
  deps: JobDeps,
  job: Job,
  ids: string[],
  { isRepeat, guard }: RunOptions,
): Promise<JobRow[]> {
  const plan = await planOf(deps, job, ids);
  const results = await changeConsentInBulk(deps, plan.inputs, { isRepeat, beforeWrite: guard });
  const rows = plan.rowsWith(results);
  const { processingBasis } = plan.edit;
  if (processingBasis) {
    const given = rows.filter(isFulfilled).flatMap(({ contactId }) => contactId ?? []);
    await giveProcessingBasis(deps.models.contacts, given, processingBasis, deps.clock());
  }
  return rows;
}

/** A result, or a preview. */
type Answer = Pick<ConsentResult, 'outcomes'> & Partial<Preview>;

interface ChunkPlan {
  edit: BulkEdit;
  /** The acts that the rules are asked about. */
  inputs: ConsentInput[];
  /** Turns the answers into the rows of the chunk. */
  rowsWith: (answers: Answer[]) => JobRow[];
}

async function planOf(deps: JobDeps, job: Job, ids: string[]): Promise<ChunkPlan> {
  const edit = bulkEditSchema.parse(job.input);
  const catalogue = await deps.catalogue();
  const { lifts, types } = wishesOf(edit, { catalogue, scope: job.scope });
  const act = { actor: actorOf(job), wishes: [...lifts, ...types], circumstances: circumstancesOf(edit) };
  const found = await findContactsById(deps.models.contacts, ids);
  const byId = new Map(found.map((contact) => [contact._id, contact]));
  const inputs: ConsentInput[] = [];
  const places = new Map<string, number>();
  const refused = new Map<string, RowOutcome>();
  for (const id of ids) {
    const contact = byId.get(id);
    const subscriberId = contact?.subscribers[edit.channel];
    if (!contact || contact.blankUntil || !isAnyInScope(job.scope, contact.unitIds)) {
      refused.set(id, 'NO_CONTACT');
    } else if (!subscriberId) {
      refused.set(id, 'NO_ADDRESS');
    } else {
      places.set(id, inputs.length);
      inputs.push({ ...act, subscriberId, channel: edit.channel });
    }
  }
  const rowOf = (id: string, answers: Answer[]): JobRow => {
    const place = places.get(id);
    const input = place === undefined ? undefined : inputs[place];
    if (place === undefined || !input)
      return { contactId: id, subscriberId: null, outcomes: [refused.get(id) ?? 'NO_CONTACT'] };
    const { outcomes = [], overrides } = answers[place] ?? {};
    const told = outcomes.map(rowOutcomeOf);
    // One check box, so one column.
    const inColumns = <T, U>(of: T[], join: (lifted: T[]) => U) =>
      lifts.length > 0 ? [join(of.slice(0, lifts.length)), ...of.slice(lifts.length)] : of;
    return {
      contactId: id,
      subscriberId: input.subscriberId,
      outcomes: inColumns(told, together),
      ...(overrides && { overrides: inColumns(overrides, (of) => of.find((what) => what !== null) ?? null) }),
    };
  };
  return { edit, inputs, rowsWith: (answers) => ids.map((id) => rowOf(id, answers)) };
}

/** Several opt-outs of all, removed by one check box, are one outcome. A refusal takes precedence over an opt-out that was not set. */
function together(outcomes: RowOutcome[]): RowOutcome {
  if (outcomes.includes('CHANGED')) return 'CHANGED';
  return outcomes.find((outcome) => outcome !== 'NO_CHANGE') ?? 'NO_CHANGE';
}

/** At least one wish was not refused. */
function isFulfilled({ outcomes }: JobRow): boolean {
  return outcomes.some((outcome) => ['CHANGED', 'PENDING', 'NO_CHANGE'].includes(outcome));
}

/** Declares the API of the plans of workflows: the draft, its review, the published versions, and a trial with one contact. */
import { z } from 'zod';
import { getContact } from '../../../domain/contacts/read.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { checkOutcomes } from '../../../domain/workflows/checks.js';
import { concernEffects } from '../../../domain/workflows/contract.js';
import { givenFields, changedPlan } from '../../../domain/workflows/given-plan.js';
import { aboutWorkflow, findVersions } from '../../../domain/workflows/published.js';
import { tryOut } from '../../../domain/workflows/try-out.js';
import {
  discardDraft,
  getWorkflow,
  publish,
  reviewPlan,
  saveDraft,
  shownPlan,
  workflowAudit,
} from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import { versionId } from '../../../models/workflow.js';
import { operation } from '../operation.js';
import { id, idParams, queryNumber, revision, time } from '../schemas.js';
import { perPage, draftAnswer, versionAnswer, noVersion, faultAnswer } from '../workflow-plans.js';
import { openForChange } from './workflows.js';

const plan = z.strictObject(givenFields).meta({ id: 'WorkflowPlan' });
const faults = z
  .array(
    z.strictObject({
      in: z.string().meta({ description: 'The place in the plan, such as `steps.0`.' }),
      ...{ message: z.string(), stepId: z.string().nullable() },
    }),
  )
  .meta({ description: 'Why the plan cannot be published.' });
const count = z.strictObject({ count: z.int(), isCapped: z.boolean() });
const draftFields = { revision: z.int(), plan, faults };
const versionFields = { number: z.int(), publishedAt: time };
const version = z.strictObject({ ...versionFields, plan }).meta({ id: 'WorkflowVersion' });

const path = '/api/v1/workflows/:id' as const;
const reads = { tag: 'Workflows', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Workflows', scopes: ['settings.write'] } as const;

const example = {
  trigger: {
    kind: 'FILTER',
    filter: { any: [{ all: [{ on: 'property', of: 'city', is: 'IS', values: ['Oslo'] }] }] },
  },
  steps: [
    { kind: 'WAIT', input: { until: 'TIME', amount: 2, unit: 'DAYS' } },
    { kind: 'SEND_LINK', input: { unitId: 1 } },
  ],
};

export const workflowPlanOperations = [
  operation({
    ...{ ...reads, id: 'getWorkflowDraft', method: 'GET', path: `${path}/draft` },
    summary: 'Read the draft of a workflow, and why it cannot be published',
    description: 'A workflow without a draft answers 404; read its published version then.',
    params: idParams,
    answers: { 200: z.strictObject(draftFields).meta({ id: 'WorkflowDraft' }) },
    /** @throws DomainError `NOT_FOUND` also for a workflow without a draft */
    run: async (deps, { scope }, { params: { id } }) => {
      const workflow = await getWorkflow(deps, id, scope);
      if (workflow.draft === null) throw new DomainError('NOT_FOUND', 'This workflow has no draft.');
      return { body: await draftAnswer(deps, workflow) };
    },
  }),
  operation({
    ...{ ...writes, id: 'changeWorkflowDraft', method: 'PATCH', path: `${path}/draft` },
    summary: 'Change the given fields of the draft',
    description:
      'Other fields stay. Without a draft, the published version becomes one; it goes on until the draft is published. A draft may have faults.',
    params: idParams,
    body: z
      .strictObject({ ...givenFields, revision })
      .partial()
      .meta({ id: 'WorkflowDraftChanges', examples: [example] }),
    answers: {
      200: z
        .strictObject({
          ...draftFields,
          secrets: z.array(z.strictObject({ stepId: z.string(), secret: z.string() })).meta({
            description: 'Of new webhook steps. No other answer has them.',
          }),
        })
        .meta({ id: 'ChangedWorkflowDraft' }),
    },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` if somebody else changes the workflow */
    run: async (deps, { scope, ref: by }, { params: { id }, body: { revision, ...given } }) => {
      const workflow = await openForChange(deps, { id, scope, revision });
      const { plan, secrets } = changedPlan(deps.config, given, await shownPlan(deps, workflow));
      await saveDraft(deps, workflow, plan);
      const what = `draft changed: ${Object.keys(given).join(', ')}`;
      await recordAudit(deps, { ...workflowAudit(workflow, what), by });
      return { body: { ...(await draftAnswer(deps, await getWorkflow(deps, id, scope))), secrets } };
    },
  }),
  operation({
    ...{ ...writes, id: 'discardWorkflowDraft', method: 'DELETE', path: `${path}/draft` },
    summary: 'Discard the draft of a workflow whose published version goes on',
    description: 'Repeating it changes nothing.',
    params: idParams,
    answers: { 204: null },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `CONFLICT` for a workflow that is not published */
    run: async (deps, { scope, ref: by }, { params: { id } }) => {
      const workflow = await getWorkflow(deps, id, scope);
      if (workflow.draft === null) return {};
      await discardDraft(deps, workflow);
      await recordAudit(deps, { ...workflowAudit(workflow, 'draft discarded'), by });
      return {};
    },
  }),
  operation({
    ...{ ...reads, id: 'reviewWorkflow', method: 'GET', path: `${path}/review` },
    summary: 'Read why a draft cannot be published, and how many contacts its publication would concern now',
    params: idParams,
    answers: {
      200: z
        .strictObject({
          ...{ revision: z.int(), faults },
          checks: z
            .array(
              z.strictObject({
                ...{ name: z.string(), outcome: z.enum(checkOutcomes), text: z.string() },
                detail: z.string().optional(),
              }),
            )
            .meta({ description: 'What else was checked. A warning does not prevent publishing.' }),
          meetNow: count.nullable().meta({
            description: 'Null if the trigger is not a filter. Capped: at least so many; 0 if it is unknown.',
          }),
          suppressedNow: count.nullable().meta({
            description: 'Of those, members of the suppression lists. Null without such lists.',
          }),
          enrolledBefore: count.nullable().meta({
            description:
              'Of those, contacts that this workflow has enrolled before. Null before its first version.',
          }),
          concerned: z
            .array(
              z.strictObject({
                ...{ effect: z.enum(concernEffects), stepId: z.string(), isAtMost: z.boolean() },
                ...count.shape,
              }),
            )
            .meta({
              description:
                'Contacts that a step skips, or sets to marketing or non-marketing. At most: perhaps only some of them come to the step.',
            }),
        })
        .meta({ id: 'WorkflowReview' }),
    },
    run: async (deps, { scope }, { params: { id } }) => {
      const workflow = await getWorkflow(deps, id, scope);
      const { faults, checks, forecast } = await reviewPlan(deps, workflow);
      const { meets, suppressed, enrolled, concerned } = forecast;
      return {
        body: {
          ...{ revision: workflow.revision, faults: faults.map(faultAnswer), checks },
          ...{
            meetNow: meets?.count ?? null,
            suppressedNow: suppressed?.count ?? null,
            enrolledBefore: enrolled,
          },
          concerned: concerned.map(({ effect, stepId, isAtMost, count }) => ({
            ...{ effect, stepId, isAtMost },
            ...count,
          })),
        },
      };
    },
  }),
  operation({
    ...{ id: 'publishWorkflow', method: 'POST', path: `${path}/versions`, tag: 'Workflows' },
    scopes: ['settings.write', 'contacts.write', 'statuses.write', 'links'],
    summary: 'Publish the draft, and activate the workflow',
    description:
      'The scopes are those of what its steps can do. A draft with faults answers 400 with all of them. A paused workflow is resumed.',
    params: idParams,
    body: z
      .strictObject({
        enrolsNow: z.boolean().default(false).meta({
          description: 'Whether contacts that meet the trigger now are enrolled too.',
        }),
        moves: z.boolean().default(false).meta({
          description: 'Whether contacts in progress continue on the new version.',
        }),
        revision,
      })
      .meta({ id: 'NewWorkflowVersion', examples: [{ enrolsNow: false }] }),
    answers: { 201: version },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `INVALID_FORM` with all faults of the plan; `CONFLICT` without a draft, or if somebody else changes the workflow */
    run: async (deps, { scope, ref: by }, { params: { id }, body }) => {
      const { enrolsNow, moves, revision } = body;
      const workflow = await openForChange(deps, { id, scope, revision });
      if (workflow.draft === null) throw new DomainError('CONFLICT', 'This workflow has no draft.');
      await publish(deps, workflow, { enrolsNow, moves, by });
      const number = workflow.version + 1;
      await recordAudit(deps, { ...workflowAudit(workflow, `version ${number} activated`), by });
      return { body: await versionAnswer(deps, workflow, number) };
    },
  }),
  operation({
    ...{ ...reads, id: 'getWorkflowVersions', method: 'GET', path: `${path}/versions` },
    summary: 'Read when each version was published, newest first',
    params: idParams,
    query: z.strictObject({
      before: queryNumber.optional().meta({ description: '`before` of the page ahead of it.' }),
    }),
    answers: {
      200: z.strictObject({
        results: z.array(z.strictObject(versionFields)),
        before: z.int().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    run: async (deps, { scope }, { params: { id }, query: { before } }) => {
      const { version } = await getWorkflow(deps, id, scope);
      const newest = Math.min(version, (before ?? Infinity) - 1);
      const numbers = Array.from({ length: Math.min(newest, perPage) }, (_, ago) => newest - ago);
      const found = await findVersions(
        deps.models,
        numbers.map((number) => versionId(id, number)),
      );
      const results = found
        .map(({ number, publishedAt }) => ({ number, publishedAt }))
        .sort((one, other) => other.number - one.number);
      return { body: { results, before: newest > perPage ? newest - perPage + 1 : null } };
    },
  }),
  operation({
    ...{ ...reads, id: 'getWorkflowVersion', method: 'GET', path: `${path}/versions/:number` },
    summary: 'Read a published version with its plan',
    params: z.strictObject({ id, number: queryNumber }),
    answers: { 200: version },
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, { scope }, { params: { id, number } }) => {
      const workflow = await getWorkflow(deps, id, scope);
      if (number > workflow.version) throw noVersion();
      return { body: await versionAnswer(deps, workflow, number) };
    },
  }),
  operation({
    ...{ id: 'tryWorkflow', method: 'GET', path: `${path}/trial`, tag: 'Workflows' },
    scopes: ['contacts.read', 'statuses.read'],
    summary: 'Read what each step would do for a contact now',
    description: 'Nothing is changed or sent. The draft is tried, or else the published version.',
    params: idParams,
    query: z.strictObject({ contactId: id }),
    answers: {
      200: z.strictObject({
        results: z.array(
          z.strictObject({
            stepId: z.string().nullable().meta({ description: 'Null for the trigger.' }),
            ...{ number: z.int(), label: z.string(), sentence: z.string() },
          }),
        ),
      }),
    },
    /** @throws DomainError `NOT_FOUND` also for a contact that the key does not reach */
    run: async (deps, { scope }, { params: { id }, query: { contactId } }) => {
      const workflow = await getWorkflow(deps, id, scope);
      const contact = await getContact(deps, { scope, contactId });
      const [plan, about] = await Promise.all([
        shownPlan(deps, workflow),
        aboutWorkflow(deps, workflow.unitIds),
      ]);
      return { body: { results: await tryOut(deps, { workflow, plan, about }, contact) } };
    },
  }),
];

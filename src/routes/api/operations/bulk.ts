/** Declares the API of bulk work: which contacts a filter finds, how many they are, and the jobs that the index of contacts starts. */
import { z, ZodError } from 'zod';
import { cursorOrFault } from '../../../cursor.js';
import { longestExplanation, readBulkEdit } from '../../../domain/contacts/bulk/bulk-edit.js';
import { countContacts, findContacts } from '../../../domain/contacts/find.js';
import { getContact } from '../../../domain/contacts/read.js';
import { contactSorts, contactCursor } from '../../../domain/contacts/selection.js';
import { filterSchema } from '../../../domain/filters/filter.js';
import { getList } from '../../../domain/lists/lists.js';
import { setMarketingStatus } from '../../../domain/marketing/status.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { getWorkflow } from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import { wantedOf } from '../../../jobs/kind.js';
import { bulkEdit } from '../../../jobs/kinds/bulk-edit.js';
import { editList } from '../../../jobs/kinds/edit-list.js';
import { enrolContacts } from '../../../jobs/kinds/enrol.js';
import { setMarketing } from '../../../jobs/kinds/marketing.js';
import { readSendLinks, sendLinks } from '../../../jobs/kinds/send-links.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { checkFilter, startJob } from '../bulk.js';
import { catalogueOf } from '../hubspot/subscribers.js';
import { operation } from '../operation.js';
import { channel, idParams } from '../schemas.js';
import { contact, answerOf } from './contacts.js';
import { job } from './jobs.js';
import { checkStatic } from './lists.js';

const selection = {
  contactIds: z.array(z.string().min(1).max(40)).min(1).max(5000).optional(),
  filter: filterSchema.optional().meta({
    description: 'All contacts that match now, in place of `contactIds`. Without groups: all contacts.',
  }),
};
/** Of a job that begins at once: the number takes the place of a preview. */
const counted = z
  .strictObject({
    ...selection,
    expected: z.int().min(0).optional().meta({
      description: 'Needed with a filter: the number that `POST /contacts/counts` says.',
    }),
  })
  .refine(({ filter, expected }) => filter === undefined || expected !== undefined, {
    ...{ path: ['expected'], message: 'is needed with a filter' },
  });
const some = { contactIds: ['Zm9vYmFyYmF6'] };
const basis = z.enum(legalBases).optional();

const bulk = { tag: 'Bulk work', method: 'POST', answers: { 202: job } } as const;
const ofContacts = { ...bulk, scopes: ['contacts.write'] } as const;

export const bulkOperations = [
  operation({
    ...{ id: 'searchContacts', method: 'POST', path: '/api/v1/contacts/search', tag: 'Bulk work' },
    scopes: ['contacts.read'],
    summary: 'Read the contacts that match a filter, 50 at a time',
    body: z
      .strictObject({
        filter: filterSchema,
        sort: z.enum(contactSorts).default('added'),
        direction: z.enum(['asc', 'desc']).default('asc'),
        after: z.string().max(2000).optional().meta({ description: '`after` of the page ahead of it.' }),
      })
      .meta({ id: 'ContactSearch' }),
    answers: {
      200: z.strictObject({
        results: z.array(contact),
        after: z.string().nullable().meta({ description: 'Null on the last page.' }),
      }),
    },
    /**
     * Contacts that match a filter, as the index shows them.
     * @throws DomainError `INVALID_FORM`; `DATABASE_AWAY` if no index answers the filter, and reading all contacts takes too long
     */
    run: async (deps, caller, { body: { filter, sort, direction, after } }) => {
      const { scope } = caller;
      await checkFilter(deps, scope, filter);
      const cursor = cursorOrFault('after', after, contactCursor);
      const found = await findContacts(deps, { scope, filter, search: '', sort, direction, cursor });
      if (found.isTooSlow) throw new DomainError('DATABASE_AWAY', 'This filter takes too long.');
      return { body: { results: found.contacts.map((one) => answerOf(caller, one)), after: found.next } };
    },
  }),
  operation({
    ...{ id: 'countContacts', method: 'POST', path: '/api/v1/contacts/counts', tag: 'Bulk work' },
    scopes: ['contacts.read'],
    summary: 'Count the contacts that match a filter',
    body: z.strictObject({ filter: filterSchema }).meta({ id: 'ContactCountRequest' }),
    answers: {
      200: z.strictObject({ count: z.int(), isCapped: z.boolean() }).meta({
        id: 'ContactCount',
        description: 'Capped: at least so many; 0 if it is unknown.',
      }),
    },
    /** @throws DomainError `INVALID_FORM` for a filter that names something that does not exist for this key */
    run: async (deps, { scope }, { body: { filter } }) => {
      await checkFilter(deps, scope, filter);
      const { count, isCapped } = await countContacts(deps, { scope, filter, search: '' });
      return { body: { count, isCapped } };
    },
  }),
  operation({
    ...{ ...bulk, id: 'startBulkEdit', path: '/api/v1/bulk-edits' },
    scopes: ['contacts.write', 'statuses.write'],
    summary: 'Ask for an opt-in or opt-out of many contacts, as a job',
    description:
      'The job previews it first. Read the job until it is WAITING, and confirm it with `preview.changed`. It never opts in a contact that has opted out.',
    body: z
      .strictObject({
        ...{ ...selection, channel: channel.default('EMAIL') },
        typeIds: z.array(z.int()).min(1).max(200),
        status: z.enum(['OPT_IN', 'OPT_OUT']),
        legalBasis: basis,
        explanation: z.string().max(longestExplanation).default('').meta({
          description: 'Where and when the contacts agreed. An opt-in needs it.',
        }),
        processingBasis: basis.meta({ description: 'For contacts without one.' }),
      })
      .meta({ id: 'BulkEdit', examples: [{ ...some, typeIds: [1], status: 'OPT_OUT' }] }),
    /** @throws DomainError `INVALID_FORM` with the fields that are wrong */
    run: async (deps, caller, call) => {
      const { contactIds: _ids, filter: _filter, ...body } = call.body;
      const { legalBasis = null, processingBasis = null, ...edit } = body;
      return startJob(deps, caller, call, async (selection) => {
        const asked = { ...edit, legalBasis, processingBasis, hasOptOutOfAllRemoved: false, selection };
        const read = readBulkEdit(asked, { catalogue: await catalogueOf(deps, caller), scope: caller.scope });
        if ('edit' in read) return wantedOf(bulkEdit, read.edit);
        const issues = read.faults.map(({ field, message }) => ({
          ...{ code: 'custom' as const, path: ['body', field], message, input: undefined },
        }));
        throw new DomainError('INVALID_FORM', read.faults[0]?.message, { cause: new ZodError(issues) });
      });
    },
  }),
  operation({
    ...{ ...ofContacts, id: 'startMarketingChange', path: '/api/v1/marketing-changes' },
    summary: 'Set many contacts as marketing or non-marketing contacts, as a job',
    description:
      'Marketing: at once, which also takes back an earlier change. Non-marketing: at the next update.',
    body: counted
      .safeExtend({ isMarketing: z.boolean() })
      .meta({ id: 'MarketingChange', examples: [{ ...some, isMarketing: false }] }),
    run: async (deps, caller, call) =>
      startJob(deps, caller, call, async (selection) =>
        wantedOf(setMarketing, { selection, isMarketing: call.body.isMarketing }),
      ),
  }),
  operation({
    ...{ ...ofContacts, id: 'startListEdit', path: '/api/v1/lists/:id/member-changes' },
    summary: 'Add many contacts to a static list, or remove them, as a job',
    params: idParams,
    body: counted
      .safeExtend({ isRemoval: z.boolean().default(false) })
      .meta({ id: 'MemberChanges', examples: [some] }),
    /** @throws DomainError `NOT_FOUND`; `CONFLICT` for an active list, whose filter decides */
    run: async (deps, caller, call) =>
      startJob(deps, caller, call, async (selection) => {
        const listId = call.params.id;
        checkStatic(await getList(deps, { listId, scope: caller.scope }));
        return wantedOf(editList, { selection, listId, isRemoval: call.body.isRemoval });
      }),
  }),
  operation({
    ...{ ...ofContacts, id: 'startEnrolment', path: '/api/v1/workflows/:id/enrolment-jobs' },
    summary: 'Enrol many contacts in a workflow, as a job',
    description: 'The trigger is not asked.',
    params: idParams,
    body: counted.meta({ id: 'EnrolmentJob', examples: [some] }),
    /** @throws DomainError `NOT_FOUND` */
    run: async (deps, caller, call) =>
      startJob(deps, caller, call, async (selection) => {
        const workflowId = call.params.id;
        const { name } = await getWorkflow(deps, workflowId, caller.scope);
        return wantedOf(enrolContacts, { selection, workflowId, name });
      }),
  }),
  operation({
    ...{ ...bulk, id: 'startLinkMailing', path: '/api/v1/link-mailings' },
    scopes: ['contacts.write', 'links'],
    summary: 'Mail many contacts the link to their preferences, as a job',
    description: 'Each contact gets one mail, in its language.',
    body: counted
      .safeExtend({ businessUnitId: z.int() })
      .meta({ id: 'LinkMailing', examples: [{ ...some, businessUnitId: 1 }] }),
    faults: [404],
    /** @throws DomainError `NOT_FOUND` for a business unit that the key does not reach */
    run: async (deps, caller, call) =>
      startJob(deps, caller, call, async (selection) => {
        const about = { catalogue: await catalogueOf(deps, caller), scope: caller.scope };
        const read = readSendLinks({ unitId: call.body.businessUnitId, selection }, about);
        if ('faults' in read) throw new DomainError('UNKNOWN_UNIT', 'This business unit does not exist.');
        return wantedOf(sendLinks, read.links);
      }),
  }),
  operation({
    ...{ id: 'setMarketingStatus', method: 'PUT', path: '/api/v1/contacts/:id/marketing', tag: 'Contacts' },
    scopes: ['contacts.write'],
    summary: 'Set a contact as a marketing or non-marketing contact',
    description: 'Marketing: at once. Non-marketing: at the next update. Repeating it changes nothing.',
    params: idParams,
    body: z.strictObject({ isMarketing: z.boolean() }).meta({ id: 'MarketingStatus' }),
    answers: { 200: contact },
    /** @throws DomainError `NOT_FOUND`; `NOT_PERMITTED` if the contact also belongs to units that the key does not reach */
    run: async (deps, caller, { params: { id: contactId }, body: { isMarketing } }) => {
      const { scope, ref: by } = caller;
      await getContact(deps, { scope, contactId });
      const [outcome] = await setMarketingStatus(deps, { contactIds: [contactId], isMarketing, scope });
      if (outcome === 'SHARED_CONTACT')
        throw new DomainError('NOT_PERMITTED', 'The contact also belongs to other business units.');
      if (outcome === 'CHANGED')
        await recordAudit(deps, { kind: 'CONTACT_CHANGED', by, about: `contact:${contactId}` });
      return { body: answerOf(caller, await getContact(deps, { scope, contactId })) };
    },
  }),
];

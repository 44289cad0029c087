/** Declares the API of lists. */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { filterSchema, type Filter } from '../../../domain/filters/filter.js';
import {
  filterOf,
  findLists,
  getList,
  listAudit,
  changeList,
  createList,
  deleteList,
  type ListFault,
} from '../../../domain/lists/lists.js';
import { addToList, removeFromList } from '../../../domain/lists/members.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { DomainError } from '../../../errors.js';
import { clearingOf } from '../../../jobs/kinds/edit-list.js';
import { findSubscribers } from '../../../models/find-subscribers.js';
import { queueJob } from '../../../models/job.js';
import { listKinds, type List, type ListKind } from '../../../models/list.js';
import { isWithin, type Scope } from '../../../vocabulary/scope.js';
import { operation } from '../operation.js';
import { givenUnitIds, idParams, outcomes, someEmails, unitIds } from '../schemas.js';

const membersBody = z
  .strictObject({ emails: someEmails, isRemoval: z.boolean().default(false) })
  .meta({ id: 'MemberChange' });

const list = z
  .strictObject({
    ...{ id: z.string(), name: z.string(), kind: z.enum(listKinds), businessUnitIds: unitIds },
    filter: filterSchema.nullable().meta({
      description: 'Of an active list; null for a static one. Without groups, no contact is a member.',
    }),
    version: z.int(),
  })
  .meta({ id: 'List' });
const fields = {
  name: z.string().max(200),
  businessUnitIds: givenUnitIds,
  filter: filterSchema.optional().meta({ description: 'Of an active list.' }),
};
const path = '/api/v1/lists' as const;
const reads = { tag: 'Lists', scopes: ['contacts.read'] } as const;
const writes = { tag: 'Lists', scopes: ['contacts.write'] } as const;

const fieldNames = { name: 'name', unitIds: 'businessUnitIds', filter: 'filter' } as const;

export const listOperations = [
  operation({
    ...{ ...reads, id: 'getLists', method: 'GET', path },
    summary: 'Read the lists of the key’s business units',
    answers: { 200: z.strictObject({ results: z.array(list) }) },
    run: async (deps, { scope }) => ({ body: { results: (await findLists(deps, scope)).map(listAnswer) } }),
  }),
  operation({
    ...{ ...reads, id: 'getList', method: 'GET', path: `${path}/:id` },
    summary: 'Read one list',
    params: idParams,
    answers: { 200: list },
    /** @throws DomainError `NOT_FOUND` for a list that does not exist for this key */
    run: async (deps, { scope }, { params: { id: listId } }) => ({
      body: listAnswer(await getList(deps, { listId, scope })),
    }),
  }),
  operation({
    ...{ ...writes, id: 'createList', method: 'POST', path },
    summary: 'Create a static list, or an active one with its filter',
    body: z.strictObject({ ...fields, kind: z.enum(listKinds) }).meta({ id: 'NewList' }),
    answers: { 201: list },
    /** @throws DomainError `INVALID_FORM` for a name that is taken, a unit that the key does not reach, or a filter that cannot be read */
    run: async (deps, { scope, ref: by }, { body, callId }) => {
      const { name, kind, filter } = body;
      const unitIds = await reachOf(deps, body, scope);
      checkKind(kind, body);
      const made = await createList(deps, { name, kind, unitIds, filter, by, scope, id: callId });
      if ('faults' in made) throw refused(made.faults);
      await recordAudit(deps, { ...listAudit(made.list, `created, ${kind.toLowerCase()}`), by });
      return { body: listAnswer(made.list) };
    },
  }),
  operation({
    ...{ ...writes, id: 'changeList', method: 'PATCH', path: `${path}/:id` },
    summary: 'Change the name, the business units or the filter of a list',
    params: idParams,
    body: z
      .strictObject({ ...fields, name: fields.name.optional() })
      .extend({
        version: z
          .int()
          .optional()
          .meta({ description: 'With it, a list that somebody else has changed is refused with 409.' }),
      })
      .meta({ id: 'ListChanges' }),
    answers: { 200: list },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` if somebody else has changed the list */
    run: async (deps, { scope, ref: by }, { params: { id: listId }, body: { version, ...body } }) => {
      const before = await getList(deps, { listId, scope });
      checkKind(before.kind, body);
      const { name = before.name, businessUnitIds, filter } = body;
      const unitIds = businessUnitIds === undefined ? before.unitIds : await reachOf(deps, body, scope);
      const fields = { name, unitIds, ...(filter ? { filter } : {}) };
      const saved = await changeList(deps, { ...before, version: version ?? before.version }, fields, scope);
      if (saved === 'STALE') throw new DomainError('CONFLICT', 'Somebody else has changed this list.');
      if (saved !== 'SAVED') throw refused(saved.faults);
      const isNamed = body.name !== undefined || businessUnitIds !== undefined;
      const details = [...(isNamed ? ['name or business units'] : []), ...(filter ? ['filter'] : [])];
      for (const detail of details) await recordAudit(deps, { ...listAudit(before, detail), by });
      return { body: listAnswer(await getList(deps, { listId, scope })) };
    },
  }),
  operation({
    ...{ ...writes, id: 'deleteList', method: 'DELETE', path: `${path}/:id` },
    summary: 'Delete a list that nothing uses; its contacts stay',
    params: idParams,
    answers: { 204: null },
    faults: [409],
    /** @throws DomainError `NOT_FOUND`; `CONFLICT` for a list in use */
    run: async (deps, { scope, ref: by }, { params: { id: listId } }) => {
      const list = await getList(deps, { listId, scope });
      const uses = await deleteList(deps, list);
      if (uses.length > 0)
        throw new DomainError(
          'CONFLICT',
          'A list in use cannot be deleted. Take it out of what uses it first.',
        );
      if (list.kind === 'STATIC') await queueJob(deps, { ...clearingOf(list), requestedBy: by, scope });
      await recordAudit(deps, { ...listAudit(list, `deleted: ${list.name}`), by });
      return {};
    },
  }),
  operation({
    ...{ ...writes, id: 'changeListMembers', method: 'POST', path: `${path}/:id/members` },
    summary: 'Add contacts to a static list, or remove them, by their e-mail addresses',
    description: 'Repeating it changes nothing. The outcomes are in the order of the addresses.',
    params: idParams,
    body: membersBody,
    answers: { 200: outcomes },
    faults: [404, 409],
    /**
     * The outcome is `NO_CONTACT` also for a contact outside the key's business units.
     * @throws DomainError `NOT_FOUND` for an unknown list; `CONFLICT` for an active one, whose filter decides
     */
    run: async (deps, { scope, ref }, { params, body: { emails, isRemoval } }) => {
      const list = await getList(deps, { listId: params.id, scope });
      checkStatic(list);
      const change = isRemoval ? removeFromList : addToList;
      const { results, isChanged } = await forEachContact(deps, emails, (contactIds) =>
        change(deps, { list, contactIds, scope }),
      );
      if (isChanged) {
        const detail = isRemoval ? 'members removed' : 'members added';
        await recordAudit(deps, { ...listAudit(list, detail), by: ref });
      }
      return { body: { results } };
    },
  }),
];

function listAnswer(list: List): object {
  const { _id: id, name, kind, unitIds: businessUnitIds, version } = list;
  return { id, name, kind, businessUnitIds, filter: kind === 'ACTIVE' ? filterOf(list) : null, version };
}

/** @throws DomainError `CONFLICT` */
export function checkStatic({ kind }: Pick<List, 'kind'>): void {
  if (kind !== 'STATIC')
    throw new DomainError('CONFLICT', 'This list is active: its filter decides about its members.');
}

/**
 * Acts on the contacts of some addresses.
 * @param act gives the outcome of each contact, in their order
 * @returns an outcome for each address; `NO_CONTACT` for those without a contact
 */
export async function forEachContact(
  deps: Deps,
  emails: readonly string[],
  act: (contactIds: string[]) => Promise<readonly string[]>,
): Promise<{ results: { email: string; outcome: string }[]; isChanged: boolean }> {
  const catalogue = await deps.catalogue();
  const subscriberIds = emails.map((email) => {
    const address = addressOrNull('EMAIL', email, catalogue);
    return address === null ? '' : deps.subscriberIds('EMAIL', address);
  });
  const heads = await findSubscribers(deps.models.subscribers, [...new Set(subscriberIds)].filter(Boolean));
  const contactOf = (id: string) => heads.get(id)?.contactId ?? null;
  const contactIds = [...new Set(subscriberIds.flatMap((id) => contactOf(id) ?? []))];
  const outcomes = await act(contactIds);
  const outcomeOf = new Map(contactIds.map((id, at) => [id, outcomes[at]]));
  const results = emails.map((email, at) => ({
    email,
    outcome: outcomeOf.get(contactOf(subscriberIds[at] ?? '') ?? '') ?? 'NO_CONTACT',
  }));
  return { results, isChanged: outcomes.includes('CHANGED') };
}

/** The given business units, or those of the key. @throws DomainError `INVALID_FORM` for a unit that does not exist for this key */
export async function reachOf(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { businessUnitIds }: { businessUnitIds?: number[] | null | undefined },
  scope: Scope,
): Promise<number[] | null> {
  if (businessUnitIds === undefined) return scope && [...scope];
  const { units } = await catalogue();
  if (!isWithin(businessUnitIds, scope) || businessUnitIds?.some((id) => !units.has(id)))
    throw new DomainError('INVALID_FORM', 'body.businessUnitIds has a unit that this key does not reach.');
  return businessUnitIds;
}

function checkKind(kind: ListKind, { filter }: { filter?: Filter | undefined }): void {
  if (kind === 'STATIC' && filter)
    throw new DomainError('INVALID_FORM', 'body.filter is not allowed: a static list has no filter.');
}

function refused(faults: readonly ListFault[]): DomainError {
  const [first] = faults;
  return new DomainError('INVALID_FORM', first && `body.${fieldNames[first.field]}: ${first.message}`);
}

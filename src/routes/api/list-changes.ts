/** The API of lists: what it creates, changes and deletes. */
import type { Deps } from '../../deps.js';
import type { Filter } from '../../domain/filters/filter.js';
import {
  changeList,
  createList,
  deleteList,
  getList,
  listAudit,
  type ListFault,
} from '../../domain/lists/lists.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { DomainError } from '../../errors.js';
import { clearingOf } from '../../jobs/kinds/edit-list.js';
import { queueJob } from '../../models/job.js';
import type { ListKind } from '../../models/list.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import { listAnswer } from './lists.js';
import type { Handler } from './operation.js';

interface Given {
  businessUnitIds?: number[] | null | undefined;
  filter?: Filter | undefined;
}
interface OneList {
  params: { id: string };
}

const fieldNames = { name: 'name', unitIds: 'businessUnitIds', filter: 'filter' } as const;

/** @throws DomainError `INVALID_FORM` for a name that is taken, a unit that the key does not reach, or a filter that cannot be read */
export const createListByApi: Handler<{
  body: Given & { name: string; kind: ListKind };
  callId: string;
}> = async (deps, { scope, ref: by }, { body, callId }) => {
  const { name, kind, filter } = body;
  const unitIds = await reachOf(deps, body, scope);
  checkKind(kind, body);
  const made = await createList(deps, { name, kind, unitIds, filter, by, scope, id: callId });
  if ('faults' in made) throw refused(made.faults);
  await recordAudit(deps, { ...listAudit(made.list, `created, ${kind.toLowerCase()}`), by });
  return { body: listAnswer(made.list) };
};

/** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` if somebody else has changed the list */
export const changeListByApi: Handler<
  OneList & { body: Given & { name?: string | undefined; version?: number | undefined } }
> = async (deps, { scope, ref: by }, { params: { id: listId }, body: { version, ...body } }) => {
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
};

/** @throws DomainError `NOT_FOUND`; `CONFLICT` for a list in use */
export const deleteListByApi: Handler<OneList> = async (
  deps,
  { scope, ref: by },
  { params: { id: listId } },
) => {
  const list = await getList(deps, { listId, scope });
  const uses = await deleteList(deps, list);
  if (uses.length > 0)
    throw new DomainError('CONFLICT', 'A list in use cannot be deleted. Take it out of what uses it first.');
  if (list.kind === 'STATIC') await queueJob(deps, { ...clearingOf(list), requestedBy: by, scope });
  await recordAudit(deps, { ...listAudit(list, `deleted: ${list.name}`), by });
  return {};
};

/** The given business units, or those of the key. @throws DomainError `INVALID_FORM` for a unit that does not exist for this key */
export async function reachOf(
  { catalogue }: Pick<Deps, 'catalogue'>,
  { businessUnitIds }: Pick<Given, 'businessUnitIds'>,
  scope: Scope,
): Promise<number[] | null> {
  if (businessUnitIds === undefined) return scope && [...scope];
  const { units } = await catalogue();
  if (!isWithin(businessUnitIds, scope) || businessUnitIds?.some((id) => !units.has(id)))
    throw new DomainError('INVALID_FORM', 'body.businessUnitIds has a unit that this key does not reach.');
  return businessUnitIds;
}

function checkKind(kind: ListKind, { filter }: Given): void {
  if (kind === 'STATIC' && filter)
    throw new DomainError('INVALID_FORM', 'body.filter is not allowed: a static list has no filter.');
}

function refused(faults: readonly ListFault[]): DomainError {
  const [first] = faults;
  return new DomainError('INVALID_FORM', first && `body.${fieldNames[first.field]}: ${first.message}`);
}

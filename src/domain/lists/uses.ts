/** Where lists are used: in the filters of other lists, in saved views, in workflows, and by jobs that have not ended. */
import mongoose from 'mongoose';
import type { Models } from '../../models/index.js';
import type { JobState } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';
import { viewOfQuery } from '../contacts/selection.js';

export type UseKind = 'LIST' | 'VIEW' | 'JOB' | 'WORKFLOW';

export interface ListUse {
  kind: UseKind;
  /** Of the list, view or job that uses it. */
  id: string;
  /** Empty for a job, and for a view that its owner does not share. */
  name: string;
  /** The lists that it names. */
  listIds: string[];
  /** Of a workflow: its business units. It reads only lists within them. */
  unitIds?: Scope;
}

interface UseDeps {
  models: Pick<Models, 'lists' | 'savedViews' | 'jobs' | 'workflows' | 'workflowVersions' | 'enrolments'>;
}

/** One line for each kind of thing that can name lists. */
const finders: readonly ((deps: UseDeps) => Promise<ListUse[]>)[] = [
  async ({ models }) =>
    (await models.lists.find({ kind: 'ACTIVE' }, { name: 1, filter: 1 }).lean()).map(
      ({ _id, name, filter }) => ({ kind: 'LIST', id: _id, name, listIds: listsNamedIn(filter) }),
    ),
  async ({ models }) =>
    (await models.savedViews.find({}, { name: 1, query: 1, isShared: 1 }).lean()).map(
      ({ _id, name, query, isShared }) => ({
        ...{ kind: 'VIEW', id: _id, name: isShared ? name : '' },
        listIds: listsNamedIn(viewOfQuery(new URLSearchParams(query))?.filter),
      }),
    ),
  async ({ models }) => {
    const [workflows, versions] = await Promise.all([
      models.workflows.find({}, { name: 1, unitIds: 1, draft: 1, version: 1 }).lean(),
      models.workflowVersions.find().lean(),
    ]);
    const uses = workflows.map(async ({ _id, name, unitIds, draft, version }) => {
      const own = versions.filter(({ workflowId }) => workflowId === _id);
      const named = new Set(
        listsNamedIn({ draft, published: own.find(({ number }) => number === version)?.plan }),
      );
      for (const { number, plan } of own) {
        const more = listsNamedIn(plan).filter((id) => !named.has(id));
        // Contacts under way may finish the version that they began.
        const wanted = { workflowId: _id, state: 'ACTIVE' as const, version: number };
        if (more.length > 0 && (await models.enrolments.exists(wanted))) for (const id of more) named.add(id);
      }
      return { kind: 'WORKFLOW' as const, id: _id, name, unitIds, listIds: [...named] };
    });
    return Promise.all(uses);
  },
  async ({ models }) => {
    const pending: JobState[] = ['QUEUED', 'RUNNING', 'WAITING'];
    const state = mongoose.trusted({ $in: pending });
    const jobs = await models.jobs.find({ state }, { input: 1 }).lean();
    return jobs.map(({ _id, input }) => ({ kind: 'JOB', id: _id, name: '', listIds: listsNamedIn(input) }));
  },
];

/** Everything that names a list. */
export async function findListUses(deps: UseDeps): Promise<ListUse[]> {
  const found = await reading(() => Promise.all(finders.map((find) => find(deps))));
  return found.flat().filter(({ listIds }) => listIds.length > 0);
}

/** Ids of the lists that a filter names, or any object that contains filters or fields `listId` and `listIds`. */
export function listsNamedIn(value: unknown): string[] {
  const named = new Set<string>();
  const texts = (of: unknown) => (Array.isArray(of) ? of : [of]).filter((one) => typeof one === 'string');
  const walk = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    const { on, values, listId, listIds }: Record<string, unknown> = { ...one };
    for (const id of [...(on === 'list' ? texts(values) : []), ...texts(listId), ...texts(listIds)])
      named.add(id);
    for (const inner of Object.values(one)) walk(inner);
  };
  walk(value);
  return [...named];
}

/** Parts of the page of a list: where it is used, and the way to enrol its contacts in a workflow. */
import { adminPaths } from '../../../admin-paths.js';
import { queryOfView, wholeIndex } from '../../../domain/contacts/selection.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { isListWithin } from '../../../domain/filters/conditions/list.js';
import { membersOf } from '../../../domain/lists/lists.js';
import type { ListUse } from '../../../domain/lists/uses.js';
import { enrolContacts } from '../../../jobs/kinds/enrol.js';
import type { List } from '../../../models/list.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { mayRole } from '../../../vocabulary/access.js';
import { tableOf } from '../kit/list-page.js';
import type { Ask } from '../route.js';
import { useName } from './list-words.js';

/** Leads to enrolment by hand with all members. */
export function enrolLink({ user }: Pick<Ask, 'user'>, { _id }: Pick<List, '_id'>): Pick<Panel, 'link'> {
  if (!mayRole(user.role, enrolContacts.permission)) return {};
  const selection = queryOfView({ ...wholeIndex, filter: membersOf(_id) });
  const href = adminPaths.newEnrolment({ selection, all: 'yes' });
  return { link: { href, text: 'Enrol its contacts in a workflow' } };
}

export function usesPanel(uses: readonly ListUse[], context: FilterContext): Panel {
  const columns = [{ heading: 'Used by', cell: (use: ListUse) => shownUse(use, context) }];
  const heading = 'Where it is used';
  return uses.length === 0
    ? { heading, sentences: ['Nothing uses this list.'] }
    : { heading, table: tableOf(heading, columns, uses) };
}

/** Outside the scope, only that something uses the list. */
function shownUse(use: ListUse, { lists, scope }: FilterContext) {
  const list = use.kind === 'LIST' ? lists.get(use.id) : undefined;
  if (list && isListWithin(list, scope)) return { href: adminPaths.list(use.id), text: useName(use) };
  const text = useName(scope === null ? use : { ...use, name: '' });
  const hrefs = { JOB: adminPaths.job, WORKFLOW: adminPaths.workflow, LIST: null, VIEW: null };
  const href = scope === null ? hrefs[use.kind]?.(use.id) : undefined;
  return href ? { href, text } : { text };
}

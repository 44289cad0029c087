/** The page of the contacts index: search, filters, views, one page of rows, and bulk actions. */
import { adminPaths } from '../../../admin-paths.js';
import { cursorIn } from '../../../cursor.js';
import { countContacts, filterContext, findContacts } from '../../../domain/contacts/find.js';
import type { ContactCount, ContactsPage } from '../../../domain/contacts/find.js';
import { pageSize } from '../../../domain/contacts/query.js';
import { findSavedViews } from '../../../domain/contacts/saved-views.js';
import { contactCursor, contactSorts, queryOfView } from '../../../domain/contacts/selection.js';
import type { ContactSort, ContactView } from '../../../domain/contacts/selection.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Deps } from '../../../deps.js';
import type { SavedView } from '../../../models/saved-view.js';
import type { AdminContactsPage, SortLink } from '../../../views/admin-bulk-pages.js';
import { wholeOf, type FieldFault } from '../form.js';
import { adminFrame, type Sayings } from '../frame.js';
import type { Ask } from '../route.js';
import { counted, figure } from '../../../vocabulary/words.js';
import { contactRow } from './contact-row.js';
import { contactsHref, viewIn } from './filter-links.js';
import { shownFilter, type Edited } from './shown-filter.js';

const sayings: Sayings = {
  deleted: {
    tone: 'good',
    strong: 'The contact was deleted.',
    sentence: 'What was decided for its addresses stays.',
  },
  'view-saved': { tone: 'good', strong: 'The view is saved.' },
  'view-deleted': { tone: 'good', strong: 'The view was deleted.' },
  'none-picked': {
    tone: 'warn',
    strong: 'No contact was ticked.',
    sentence: 'Tick some contacts, or all that match.',
  },
};

/** The typed values of a form that was refused. */
export interface IndexForm {
  faults?: FieldFault[];
  /** A view that was not saved. */
  toSave?: { name: string; isShared: boolean; isTaken: boolean };
  /** A condition with a fault. */
  edited?: Edited;
}

export async function contactsPage(
  deps: Deps,
  ask: Ask,
  query: URLSearchParams,
  form: IndexForm = {},
): Promise<string> {
  const { scope } = ask;
  const view = viewIn(query);
  const cursor = cursorIn(query.get('cursor'), contactCursor);
  const [catalogue, context, page, count, views] = await Promise.all([
    deps.catalogue(),
    filterContext(deps, scope),
    findContacts(deps, { ...view, scope, cursor }),
    countContacts(deps, { ...view, scope }),
    findSavedViews(deps, { userId: ask.user.id, scope }),
  ]);
  const current = views.find((one) => one.query === queryOfView(view));
  const { edited } = form;
  const { filter } = await shownFilter(deps, ask, { view, context, ...(edited ? { edited } : {}) });
  const first = cursor ? Math.max(1, wholeOf(query.get('from') ?? '') ?? 1) : 1;
  const turned = (to: string, from: number) => contactsHref(view, { cursor: to, from: String(from) });
  return deps.views.page('admin-contacts', {
    ...adminFrame(ask, 'contacts', 'Contacts', sayings),
    faults: form.faults ?? [],
    action: adminPaths.contactSearches(),
    viewName: current?.name ?? (queryOfView(view) === '' ? 'All contacts' : 'Not saved'),
    views: viewsOf(views, ask, view),
    search: view.search,
    kept: [...new URLSearchParams(queryOfView({ ...view, search: '' }))].map(([name, value]) => ({
      name,
      value,
    })),
    ...filter,
    ...saidCount(count, page, first),
    ...viewForms(ask, view, current, form),
    ...listLink(ask, view),
    ...(mayRole(ask.user.role, 'contacts.change') ? { newContactHref: adminPaths.newContact() } : {}),
    columns: columnsOf(view),
    rows: page.contacts.map((contact) => contactRow(contact, catalogue, scope)),
    ...(page.contacts.length === 0 ? { empty: emptyOf(ask, view, page) } : {}),
    ...(page.previous ? { previousHref: turned(page.previous, Math.max(1, first - pageSize)) } : {}),
    ...(page.next ? { nextHref: turned(page.next, first + page.contacts.length) } : {}),
    ...(mayRole(ask.user.role, 'bulk.run') ? { bulk: bulkOf(view, count, page) } : {}),
  });
}

function viewsOf(views: readonly SavedView[], { user }: Ask, view: ContactView): AdminContactsPage['views'] {
  const query = queryOfView(view);
  return [
    { label: 'All contacts', href: adminPaths.contacts(), isCurrent: query === '' },
    ...views.map((one) => ({
      label: one.name,
      href: adminPaths.contacts(one.query),
      isCurrent: one.query === query && query !== '',
      ...(one.isShared ? { note: one.ownerId === user.id ? 'shared' : 'shared with you' } : {}),
    })),
  ];
}

/** A saved view can be deleted by its owner and by admins; any other view but the plain index can be saved. */
function viewForms(
  { user }: Ask,
  view: ContactView,
  current: SavedView | undefined,
  { toSave = { name: '', isShared: false, isTaken: false } }: IndexForm,
): Pick<AdminContactsPage, 'saveView' | 'deleteView'> {
  const query = queryOfView(view);
  if (!mayRole(user.role, 'views.save') || query === '') return {};
  if (!current || toSave.isTaken) return { saveView: { action: adminPaths.views(), query, ...toSave } };
  if (current.ownerId !== user.id && user.role !== 'admin') return {};
  return { deleteView: { action: adminPaths.viewDeletions(current._id), name: current.name } };
}

/** A filter can be kept as an active list. A search cannot. */
function listLink({ user }: Ask, { filter, search }: ContactView): Pick<AdminContactsPage, 'newListHref'> {
  if (!mayRole(user.role, 'lists.change') || filter.any.length === 0 || search) return {};
  return { newListHref: adminPaths.newList({ filter: JSON.stringify(filter) }) };
}

/** "1 to 50 of 147 contacts". The link of the page has the number of its first row, since a cursor has no number. */
function saidCount(
  { count, isCapped }: ContactCount,
  page: ContactsPage,
  first: number,
): Pick<AdminContactsPage, 'count' | 'countHint'> {
  const shown = page.contacts.length;
  if (page.isTooSlow) return { count: 'Contacts not counted' };
  if (page.isCutOff)
    return {
      count: `The first ${figure(shown)}`,
      countHint: 'of more. Type more of the name or address to see the rest.',
    };
  if (shown === 0) return { count: 'No contacts' };
  const all = isCapped
    ? count === 0
      ? 'many contacts'
      : `${figure(count)}+ contacts`
    : counted(count, 'contact');
  return { count: `${figure(first)} to ${figure(first + shown - 1)} of ${all}` };
}

const columnLabels: Readonly<Record<ContactSort, string>> = {
  name: 'Name',
  email: 'E-mail and phone',
  added: 'Added',
};

function columnsOf(view: ContactView): AdminContactsPage['columns'] {
  const link = (sort: ContactSort): SortLink => {
    const isIt = view.sort === sort;
    // Sorted by time, the newest come first. A second press reverses the order.
    const first = sort === 'added' ? 'desc' : 'asc';
    const direction = isIt ? (view.direction === 'asc' ? 'desc' : 'asc') : first;
    return {
      label: columnLabels[sort],
      href: contactsHref({ ...view, sort, direction }),
      ...(isIt && { direction: view.direction === 'asc' ? ('ascending' as const) : ('descending' as const) }),
    };
  };
  const [name, email, added] = contactSorts;
  return { name: link(name), email: link(email), added: link(added) };
}

function emptyOf(
  { user }: Ask,
  { filter, search }: ContactView,
  { isTooSlow }: ContactsPage,
): NonNullable<AdminContactsPage['empty']> {
  const all = { href: adminPaths.contacts(), text: 'Show all contacts' };
  if (isTooSlow)
    return {
      heading: 'This filter takes too long',
      sentence:
        'Add a condition that is quick to find: that a status, language, business unit or property is one value.',
      links: [all],
    };
  if (search)
    return {
      heading: `No contact is found for “${search}”`,
      sentence:
        'Each word is looked for as the beginning of a name, an address or a phone number. A whole address is found also where no contact has it.',
      links: [all],
    };
  if (filter.any.length > 0)
    return {
      heading: 'No contact matches this filter',
      sentence: 'Take a condition away to see more.',
      links: [all],
    };
  return {
    heading: 'There are no contacts yet',
    sentence:
      'A contact is a person’s record. Preferences are kept with the address, whether or not there is one.',
    links: mayRole(user.role, 'contacts.change')
      ? [{ href: adminPaths.newContact(), text: 'Add the first one' }]
      : [],
  };
}

function bulkOf(
  view: ContactView,
  { count, isCapped }: ContactCount,
  page: ContactsPage,
): NonNullable<AdminContactsPage['bulk']> {
  const isMore = page.next !== null || page.previous !== null || page.isCutOff;
  return {
    query: queryOfView(view),
    ...(isMore && {
      all: `All ${count === 0 ? '' : figure(count)}${isCapped && count > 0 ? '+' : ''} that match`,
    }),
    editAction: adminPaths.newBulkEdit(),
    linkAction: adminPaths.newLinkMailing(),
    exportAction: adminPaths.contactExports(),
    listAction: adminPaths.newListEdit(),
    marketingAction: adminPaths.newMarketingEdit(),
    enrolAction: adminPaths.newEnrolment(),
  };
}

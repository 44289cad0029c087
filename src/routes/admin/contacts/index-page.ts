/** The contacts index as a page: search, filters, views, one page of rows, and what may be done with several. */
import { adminPaths } from '../../../admin-paths.js';
import { countContacts, findContacts } from '../../../domain/contacts/find.js';
import type { ContactCount, ContactsPage } from '../../../domain/contacts/find.js';
import { findFilters } from '../../../domain/contacts/filters.js';
import { findSavedViews } from '../../../domain/contacts/saved-views.js';
import { contactSorts, cursorOf, queryOfView } from '../../../domain/contacts/selection.js';
import type { ContactSort, ContactView } from '../../../domain/contacts/selection.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Deps } from '../../../deps.js';
import type { SavedView } from '../../../models/saved-view.js';
import type { AdminContactsPage, SortLink } from '../../../views/admin-bulk-pages.js';
import type { FieldFault } from '../form.js';
import { adminFrame } from '../frame.js';
import type { Sayings } from '../frame.js';
import type { Ask } from '../route.js';
import { counted, figure } from '../../../vocabulary/words.js';
import { contactRow } from './contact-row.js';
import { contactsHref, filterForm, viewIn } from './filter-form.js';

const sayings: Sayings = {
  deleted: {
    tone: 'good',
    strong: 'The contact was deleted.',
    sentence: 'What was decided for its addresses stays.',
  },
  erased: {
    tone: 'good',
    strong: 'The person was erased.',
    sentence: 'The opt-outs stay, without an address.',
  },
  'view-saved': { tone: 'good', strong: 'The view is saved.' },
  'view-deleted': { tone: 'good', strong: 'The view was deleted.' },
  'none-picked': {
    tone: 'warn',
    strong: 'Nobody was ticked.',
    sentence: 'Tick some contacts, or all that match.',
  },
};

/** What a form about views had, where it could not be done. */
export interface ViewForm {
  name: string;
  faults: FieldFault[];
}

export async function contactsPage(
  deps: Deps,
  ask: Ask,
  query: URLSearchParams,
  form: ViewForm = { name: '', faults: [] },
): Promise<string> {
  const { scope } = ask;
  const groups = await findFilters(deps, scope);
  const view = viewIn(query, groups);
  const cursor = cursorOf(query.get('cursor'));
  const [catalogue, page, count, views] = await Promise.all([
    deps.catalogue(),
    findContacts(deps, { ...view, scope, cursor }),
    countContacts(deps, { ...view, scope }),
    findSavedViews(deps, { userId: ask.user.id, scope }),
  ]);
  const current = views.find((one) => one.query === queryOfView(view));
  return deps.views.page('admin-contacts', {
    ...adminFrame(ask, 'contacts', 'Contacts', sayings),
    faults: form.faults,
    action: adminPaths.contactSearches(),
    views: viewsOf(views, ask, view),
    search: view.search,
    ...filterForm(view, groups),
    ...saidCount(view, count, page),
    ...viewForms(ask, view, current, form),
    ...(mayRole(ask.user.role, 'contacts.change') ? { newContactHref: adminPaths.newContact() } : {}),
    columns: columnsOf(view),
    rows: page.contacts.map((contact) => contactRow(contact, catalogue, scope)),
    ...(page.contacts.length === 0 ? { empty: emptyOf(ask, view) } : {}),
    ...(page.previous ? { previousHref: contactsHref(view, page.previous) } : {}),
    ...(page.next ? { nextHref: contactsHref(view, page.next) } : {}),
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

/** A view that is saved already can be deleted, by its owner; any other that differs from the plain index can be saved. */
function viewForms(
  { user }: Ask,
  view: ContactView,
  current: SavedView | undefined,
  { name }: ViewForm,
): Pick<AdminContactsPage, 'saveView' | 'deleteView'> {
  const query = queryOfView(view);
  if (!mayRole(user.role, 'views.save') || query === '') return {};
  if (!current) return { saveView: { action: adminPaths.views(), query, name, mayShare: true } };
  if (current.ownerId !== user.id && user.role !== 'admin') return {};
  return { deleteView: { action: adminPaths.viewDeletions(current._id), name: current.name } };
}

function saidCount(
  { facets, search }: ContactView,
  { count, isCapped }: ContactCount,
  page: ContactsPage,
): Pick<AdminContactsPage, 'count' | 'countHint'> {
  const shown = page.contacts.length;
  if (page.isCutOff)
    return {
      count: `The first ${figure(shown)}`,
      countHint: 'of more. Type more of the name or address to see the rest.',
    };
  const words =
    count === 0 ? 'No contacts' : isCapped ? `${figure(count)}+ contacts` : counted(count, 'contact');
  return facets.length > 0 || search
    ? { count: words, countHint: count === 1 ? 'matches' : 'match' }
    : { count: words };
}

const columnLabels: Readonly<Record<ContactSort, string>> = {
  name: 'Name',
  email: 'E-mail and phone',
  added: 'Added',
};

function columnsOf(view: ContactView): AdminContactsPage['columns'] {
  const link = (sort: ContactSort): SortLink => {
    const isIt = view.sort === sort;
    // Who sorts by time wants the newest; pressed again, everything is turned round.
    const first = sort === 'added' ? 'desc' : 'asc';
    const direction = isIt ? (view.direction === 'asc' ? 'desc' : 'asc') : first;
    return {
      label: columnLabels[sort],
      href: contactsHref({ ...view, sort, direction }),
      ...(isIt
        ? { direction: view.direction === 'asc' ? ('ascending' as const) : ('descending' as const) }
        : {}),
    };
  };
  const [name, email, added] = contactSorts;
  return { name: link(name), email: link(email), added: link(added) };
}

function emptyOf({ user }: Ask, { facets, search }: ContactView): NonNullable<AdminContactsPage['empty']> {
  const all = { href: adminPaths.contacts(), text: 'Show all contacts' };
  if (search)
    return {
      heading: `Nobody is found for “${search}”`,
      sentence:
        'Each word is looked for as the beginning of a name, an address or a phone number. A whole address is found also where no contact has it.',
      links: [all],
    };
  if (facets.length > 0)
    return {
      heading: 'Nobody matches all of these',
      sentence: 'Take a filter away to see more.',
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
    ...(isMore ? { all: `All ${figure(count)}${isCapped ? '+' : ''} that match` } : {}),
    editAction: adminPaths.newBulkEdit(),
    linkAction: adminPaths.newLinkMailing(),
  };
}

/** A list page, declared as columns, filters and a query. Its route, filters and pager are derived from that. */
import type { Deps } from '../../../deps.js';
import { mayRole, type Permission } from '../../../vocabulary/access.js';
import type { AdminListPage, ListFilterField } from '../../../views/admin-list-page.js';
import type { ListCell, ListTable } from '../../../views/admin-table.js';
import type { FormView } from '../../../views/admin-form-page.js';
import type { CrumbLink } from '../../../views/admin-frame.js';
import { isDay } from '../../../vocabulary/time-zones.js';
import { adminFrame, type Sayings, type Section } from '../frame.js';
import { queryOf } from '../form.js';
import { chosenIn } from './fields.js';
import { get, type About, type AdminRoute, type Ask } from '../route.js';

/** A filter above the list. Unknown values do not filter. */
export type ListFilter =
  | { kind: 'select'; name: string; label: string; all: string; options: readonly FilterOption[] }
  | { kind: 'day' | 'search'; name: string; label: string };

export interface FilterOption {
  value: string;
  label: string;
}

/** The reader's request: the chosen value of each filter, and the cursor of the previous page. */
export interface Asked {
  chosen: Readonly<Record<string, string>>;
  before: string | undefined;
}

export interface Column<Row> {
  heading: string;
  isNumeric?: boolean;
  cell: (row: Row) => ListCell;
}

export interface ListPage<Row> {
  /** A pattern of `adminPatterns`. */
  pattern: string;
  path: (query?: Readonly<Record<string, string | undefined>>) => string;
  may: Permission;
  about?: About;
  section: Section;
  title: string;
  crumbs?: CrumbLink[];
  lead?: string | ((ask: Ask) => string);
  /** A form beside the heading that downloads the list. */
  file?: (ask: Ask, chosen: Asked['chosen']) => FormView;
  sayings?: Sayings;
  /** The one button above the list, for roles with `may`. */
  main?: { href: string; label: string; may: Permission; isOfAccount?: boolean };
  /** Plain buttons above the list, for roles with `may`. */
  links?: readonly { href: string; label: string; may: Permission }[];
  filters?: (deps: Deps, ask: Ask) => readonly ListFilter[] | Promise<readonly ListFilter[]>;
  /** One page of rows in the list's order. `older` is the cursor of the next page, if there is one. */
  load: (deps: Deps, ask: Ask, asked: Asked) => Promise<{ rows: readonly Row[]; older?: string | null }>;
  columns: (ask: Ask) => readonly Column<Row>[];
  /** For links to a row. */
  idOf?: (row: Row) => string;
  /** The text of an empty list. */
  empty: (isFiltered: boolean) => {
    heading: string;
    sentence: string;
    link?: { href: string; text: string };
  };
  /** Seconds after which a browser without scripts reloads the page. */
  refresh?: (rows: readonly Row[]) => number | undefined;
}

/** The route of a list page. */
export function listRoute<Row>(deps: Deps, page: ListPage<Row>): AdminRoute {
  return get(
    page.pattern,
    { may: page.may, about: page.about ?? 'nothing' },
    async (ask, response) =>
      void response.send(deps.views.page('admin-list', await listPageOf(deps, ask, page))),
  );
}

async function listPageOf<Row>(deps: Deps, ask: Ask, page: ListPage<Row>): Promise<AdminListPage> {
  const filters = (await page.filters?.(deps, ask)) ?? [];
  const chosen = chosenOf(filters, (name) => queryOf(ask.request, name, 200));
  const before = queryOf(ask.request, 'before', 200);
  const { rows, older } = await page.load(deps, ask, { chosen, before });
  const isFiltered = Object.keys(chosen).length > 0;
  const refresh = page.refresh?.(rows);
  return {
    ...adminFrame(ask, page.section, page.title, page.sayings),
    crumbs: page.crumbs ?? [],
    heading: page.title,
    ...(page.lead ? { lead: typeof page.lead === 'string' ? page.lead : page.lead(ask) } : {}),
    ...(page.file ? { file: page.file(ask, chosen) } : {}),
    ...mainOf(page, ask),
    links: (page.links ?? []).filter(({ may }) => mayRole(ask.user.role, may)),
    ...(filters.length > 0 && {
      filters: {
        action: page.path(),
        fields: filters.map((filter) => fieldOf(filter, chosen[filter.name] ?? '')),
        button: 'Show',
        ...(isFiltered ? { clearHref: page.path() } : {}),
      },
    }),
    table: tableOf(page.title, page.columns(ask), rows, page.idOf),
    empty: page.empty(isFiltered),
    ...(before ? { newestHref: page.path(chosen) } : {}),
    ...(older ? { olderHref: page.path({ ...chosen, before: older }) } : {}),
    ...(refresh ? { refresh } : {}),
  };
}

/** A table of rows, also for pages with several lists. */
export function tableOf<Row>(
  label: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  idOf?: (row: Row) => string,
): ListTable {
  return {
    label,
    columns: columns.map(({ heading, isNumeric = false }) => ({ heading, isNumeric })),
    rows: rows.map((row) => ({
      ...(idOf ? { id: idOf(row) } : {}),
      cells: columns.map(({ heading, isNumeric = false, cell }, at) => ({
        ...cell(row),
        label: heading,
        isNumeric,
        isFirst: at === 0,
      })),
    })),
  };
}

/** The filters' values from a query: only values that the filters offer. */
export function chosenOf(
  filters: readonly ListFilter[],
  valueOf: (name: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    filters.flatMap((filter) => {
      const value = valueOf(filter.name) ?? '';
      const isOffered =
        filter.kind === 'select'
          ? filter.options.some((option) => option.value === value)
          : filter.kind === 'search' || isDay(value);
      return isOffered && value !== '' ? [[filter.name, value] as const] : [];
    }),
  );
}

function fieldOf(filter: ListFilter, value: string): ListFilterField {
  const { name, label } = filter;
  if (filter.kind !== 'select')
    return { isSelect: false, type: filter.kind === 'day' ? 'date' : 'search', name, label, value };
  const options = [{ value: '', label: filter.all }, ...filter.options];
  return {
    isSelect: true,
    name,
    label,
    options: chosenIn(options, [value]),
  };
}

function mainOf<Row>({ main }: ListPage<Row>, ask: Ask): Pick<AdminListPage, 'main'> {
  if (!main || !mayRole(ask.user.role, main.may) || (main.isOfAccount && ask.scope !== null)) return {};
  return { main: { href: main.href, label: main.label } };
}

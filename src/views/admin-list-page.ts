/** The object of the one template of every list page: filters, a table, and the links to more. */
import type { AdminFrame, Option } from './admin-frame.js';
import type { ListTable } from './admin-table.js';
import type { FormView } from './admin-form-page.js';
import type { CrumbLink } from './admin-frame.js';

export type ListFilterField =
  | { isSelect: true; name: string; label: string; options: Option[] }
  | { isSelect: false; type: 'date' | 'search'; name: string; label: string; value: string };

/** `/jobs`, `/settings/users`, `/settings/keys` and every other list page. */
export interface AdminListPage extends AdminFrame {
  crumbs: CrumbLink[];
  heading: string;
  lead?: string;
  main?: { href: string; label: string };
  /** Plain buttons beside the heading. */
  links?: { href: string; label: string }[];
  file?: FormView;
  filters?: { action: string; fields: ListFilterField[]; button: string; clearHref?: string };
  table: ListTable;
  empty: { heading: string; sentence: string; link?: { href: string; text: string } };
  newestHref?: string;
  olderHref?: string;
  /** Seconds after which a browser without scripts reloads the page. */
  refresh?: number;
}

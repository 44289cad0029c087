/** Filters in URLs: what a request asks for, and where the links and forms of a page with a filter lead. */
import type { Request } from 'express';
import { adminPaths } from '../../../admin-paths.js';
import { viewOfQuery, queryOfView, type ContactView } from '../../../domain/contacts/selection.js';
import { DomainError } from '../../../errors.js';

/**
 * Reads what the form, a link or a saved view asks for.
 * @throws DomainError `INVALID_FORM` for a filter that cannot be read: fewer conditions would show more
 */
export function viewIn(query: URLSearchParams): ContactView {
  const view = viewOfQuery(query);
  if (!view) throw new DomainError('INVALID_FORM');
  return view;
}

/** A page that shows a filter and its editor: where their links and forms lead. */
export interface FilterPage {
  /** The page with another filter. */
  href: (view: ContactView, more?: Readonly<Record<string, string>>) => string;
  /** The page without a query; the editor asks it for the fields of a subject. */
  action: string;
  /** Takes the fields of a condition. */
  applyAction: string;
  /** An empty filter begins with the editor of its first condition. */
  isOpen?: boolean;
}

export const contactsIndex: FilterPage = {
  href: contactsHref,
  action: adminPaths.contacts(),
  applyAction: adminPaths.contactSearches(),
};

export function contactsHref(view: ContactView, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams([...new URLSearchParams(queryOfView(view)), ...Object.entries(more)]);
  return adminPaths.contacts(query.toString());
}

/** The query of a request, with all values of each name in the order of the form. */
export function queryIn({ originalUrl }: Pick<Request, 'originalUrl'>): URLSearchParams {
  const at = originalUrl.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : originalUrl.slice(at + 1, at + 16_000));
}

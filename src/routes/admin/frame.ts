/** The frame of every admin page: navigation by permission, signed-in user, and the message after an act. */
import type { Request } from 'express';
import { adminPaths } from '../../admin-paths.js';
import { mayRole, type Permission } from '../../vocabulary/access.js';
import type { AdminFrame, AdminNotice, CrumbLink } from '../../views/admin-frame.js';
import type { Deps } from '../../deps.js';
import { networkOf } from '../middleware/network-of.js';
import { saidContext, saidMark, saidName } from '../said-mark.js';
import type { Ask } from './route.js';

/** Sections, in the order of the navigation. */
const sections: readonly {
  id: string;
  label: string;
  href: string;
  may: Permission;
  /** Of the whole account: hidden from users who are limited to units. */
  isOfAccount?: true;
}[] = [
  { id: 'dashboard', label: 'Dashboard', href: adminPaths.dashboard(), may: 'dashboard.read' },
  { id: 'contacts', label: 'Contacts', href: adminPaths.contacts(), may: 'contacts.read' },
  { id: 'lists', label: 'Lists', href: adminPaths.lists(), may: 'contacts.read' },
  {
    id: 'machine',
    label: 'Machine opt-outs',
    href: adminPaths.machineOptOuts(),
    may: 'contacts.read',
  },
  {
    ...{ id: 'marketing', label: 'Marketing contacts', href: adminPaths.marketing() },
    ...{ may: 'contacts.read', isOfAccount: true },
  },
  { id: 'workflows', label: 'Workflows', href: adminPaths.workflows(), may: 'workflows.read' },
  { id: 'imports', label: 'Imports', href: adminPaths.imports(), may: 'jobs.read' },
  { id: 'exports', label: 'Exports', href: adminPaths.exports(), may: 'exports.read' },
  { id: 'jobs', label: 'Jobs', href: adminPaths.jobs(), may: 'jobs.read' },
  { id: 'settings', label: 'Settings', href: adminPaths.settings(), may: 'settings.read' },
  { id: 'audit', label: 'Audit log', href: adminPaths.audit(), may: 'audit.read' },
];
/** Section of a page; `nowhere` for pages outside all sections, such as error pages. */
export type Section =
  | 'dashboard'
  | 'contacts'
  | 'lists'
  | 'marketing'
  | 'machine'
  | 'workflows'
  | 'imports'
  | 'exports'
  | 'jobs'
  | 'settings'
  | 'audit'
  | 'account'
  | 'nowhere';

/** Messages of a page after an act. The redirect carries a mark, `?said=…`, so that viewing a page writes nothing to the session. */
export type Sayings =
  | Readonly<Record<string, AdminNotice>>
  /** For messages that name what was changed. */
  | ((name: string) => AdminNotice | undefined);

/**
 * @param section the highlighted part of the navigation
 * @param sayings the messages that this page may show after an act
 */
export function adminFrame(ask: Ask, section: Section, title: string, sayings: Sayings = {}): AdminFrame {
  return {
    title,
    user: {
      name: ask.user.name,
      role: ask.user.role,
      href: adminPaths.account(),
      isCurrent: section === 'account',
    },
    csrf: ask.csrf,
    signOutAction: adminPaths.signOut(),
    nav: sections
      .filter(({ may, isOfAccount }) => mayRole(ask.user.role, may) && !(isOfAccount && ask.scope !== null))
      .map(({ id, label, href }) => ({ label, href, isCurrent: id === section })),
    faults: [],
    ...(ask.notice ? { notice: ask.notice } : sayingOf(sayings, ask)),
  };
}

/** The message after an act, by the mark in the redirect; none if the mark is invalid, or names no message of the page. */
export function sayingOf(
  sayings: Sayings,
  { request, said }: Pick<Ask, 'request' | 'said'>,
): { notice?: AdminNotice } {
  const name = saidName(said, request, request.query['said']);
  if (name === null) return {};
  const ofTable = typeof sayings !== 'function' && Object.hasOwn(sayings, name) ? sayings[name] : undefined;
  const notice = typeof sayings === 'function' ? sayings(name) : ofTable;
  return notice ? { notice } : {};
}

/** The frame of pages for visitors who have not signed in. */
export function outsideFrame(title: string): AdminFrame {
  return { title, csrf: '', nav: [], faults: [] };
}

/** The way back from a part of the settings. */
export const settingsCrumbs: CrumbLink[] = [{ href: adminPaths.settings(), text: 'Settings' }];

/** A path with the message for its page, marked for the user of the act. */
export function saying({ said }: Pick<Ask, 'said'>, path: string, name: string): string {
  const [before = '', fragment] = path.split('#');
  const query = `said=${saidMark(said, path, name)}`;
  return `${before}${before.includes('?') ? '&' : '?'}${query}${fragment ? `#${fragment}` : ''}`;
}

/** The same for visitors who have not signed in. The mark is bound to their network only. */
export function outside(
  deps: Pick<Deps, 'config' | 'clock'>,
  request: Request,
): Pick<Ask, 'request' | 'said'> {
  return { request, said: saidContext(deps, networkOf(request.ip ?? '')) };
}

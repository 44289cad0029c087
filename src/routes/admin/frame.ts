/** What every page of the staff has around its content: navigation by permission, who is signed in, what just happened. */
import { adminPaths } from '../../admin-paths.js';
import { mayRole } from '../../domain/staff/access.js';
import type { Permission } from '../../domain/staff/access.js';
import type { AdminFrame, AdminNotice } from '../../views/admin-pages.js';
import type { CrumbLink } from '../../views/admin-settings-pages.js';
import type { Ask } from './route.js';

/** Parts of the staff's side, in the order of the navigation. */
const sections: readonly { id: string; label: string; href: string; may: Permission }[] = [
  { id: 'overview', label: 'Overview', href: adminPaths.overview(), may: 'overview.read' },
  { id: 'contacts', label: 'Contacts', href: adminPaths.contacts(), may: 'contacts.read' },
  {
    id: 'machine',
    label: 'Machine opt-outs',
    href: adminPaths.machineOptOuts(),
    may: 'contacts.read',
  },
  { id: 'jobs', label: 'Jobs', href: adminPaths.jobs(), may: 'jobs.read' },
  { id: 'settings', label: 'Settings', href: adminPaths.settings(), may: 'settings.read' },
  { id: 'audit', label: 'Audit log', href: adminPaths.audit(), may: 'audit.read' },
];
/** Where somebody is; `nowhere` is a page of none of them, such as one that is not there. */
export type Section =
  'overview' | 'contacts' | 'machine' | 'jobs' | 'settings' | 'audit' | 'account' | 'nowhere';

/** Sentences that a page says after an act; the redirect carries the name, `?said=…`, so that looking writes nothing to the session. */
export type Sayings = Readonly<Record<string, AdminNotice>>;

/**
 * @param section which part of the navigation is marked
 * @param sayings what this page may say after an act
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
      .filter(({ may }) => mayRole(ask.user.role, may))
      .map(({ id, label, href }) => ({ label, href, isCurrent: id === section })),
    faults: [],
    ...sayingOf(sayings, ask.request.query['said']),
  };
}

/** What a page says after an act, by the name that the redirect carried; nothing where it is not one of the page's. */
export function sayingOf(sayings: Sayings, said: unknown): { notice?: AdminNotice } {
  const notice = typeof said === 'string' && Object.hasOwn(sayings, said) ? sayings[said] : undefined;
  return notice ? { notice } : {};
}

/** The frame of pages for somebody who has not signed in. */
export function outsideFrame(title: string): AdminFrame {
  return { title, csrf: '', nav: [], faults: [] };
}

/** The way back from a part of the settings. */
export const settingsCrumbs: CrumbLink[] = [{ href: adminPaths.settings(), text: 'Settings' }];

/** A path with what its page is to say. */
export function saying(path: string, name: string): string {
  const [before = '', fragment] = path.split('#');
  return `${before}${before.includes('?') ? '&' : '?'}said=${name}${fragment ? `#${fragment}` : ''}`;
}

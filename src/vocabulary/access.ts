/** Roles and permissions of the staff, as one table (specification "Accounts"). */
import type { Scope } from './scope.js';

export const roles = ['admin', 'marketer', 'support', 'auditor'] as const;
export type Role = (typeof roles)[number];

/** Meaning of each role, as pages show it. */
export const roleMeanings: Readonly<Record<Role, string>> = {
  admin: 'Everything, settings and users included',
  marketer: 'Contacts, links, bulk work, exports',
  support: 'Contacts and single overrides',
  auditor: 'Reads all, changes nothing',
};

/** Each permission, and the roles that have it. */
// oxfmt-ignore
export const permissions = {
  'dashboard.read':   ['admin', 'marketer', 'support', 'auditor'],
  'contacts.read':    ['admin', 'marketer', 'support', 'auditor'],
  'contacts.change':  ['admin', 'marketer', 'support'],
  'overrides.make':   ['admin', 'support'],
  'people.erase':     ['admin', 'support'],
  'links.send':       ['admin', 'marketer', 'support'],
  'views.save':       ['admin', 'marketer', 'support'],
  'lists.change':     ['admin', 'marketer'],
  'marketing.change': ['admin', 'marketer'],
  'bulk.run':         ['admin', 'marketer'],
  'exports.make':     ['admin', 'marketer'],
  'exports.read':     ['admin', 'marketer', 'auditor'],
  'workflows.read':   ['admin', 'marketer', 'support', 'auditor'],
  'workflows.change': ['admin', 'marketer'],
  'jobs.read':        ['admin', 'marketer', 'support', 'auditor'],
  'jobs.run':         ['admin', 'marketer', 'support'],
  'settings.read':    ['admin', 'auditor'],
  'settings.change':  ['admin'],
  'audit.read':       ['admin', 'auditor'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;
export type Permission = keyof typeof permissions;

export function mayRole(role: Role, permission: Permission): boolean {
  const allowed: readonly Role[] = permissions[permission];
  return allowed.includes(role);
}

/** A member of the staff, as routes and views need it. */
export interface StaffMember {
  id: string;
  name: string;
  email: string;
  role: Role;
  scope: Scope;
}

/** The reference of a user in events, audit entries and jobs. */
export function staffRef({ id }: Pick<StaffMember, 'id'>): string {
  return `user:${id}`;
}

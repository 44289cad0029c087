/** Names the records that audit entries concern, with a link where the reader may open it. */
import { trusted } from 'mongoose';
import { adminPaths } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import { usersWithin } from '../../domain/staff/users.js';
import type { DoerOf } from '../../domain/staff/names.js';
import type { AuditEntry } from '../../models/audit-entry.js';
import type { Subscriber } from '../../models/subscriber.js';
import { mayRole } from '../../vocabulary/access.js';
import { isInScope } from '../../vocabulary/scope.js';
import { aboutOf, partsOf } from './audit-words.js';
import { contactsOf } from './contact/machine-rows.js';
import { nameOf } from './contact/open-record.js';
import type { Ask } from './route.js';

export interface RecordName {
  text: string;
  href?: string;
}

/** Looks up what one page of entries is about, with one query for each kind of record. */
export async function findRecordNames(
  deps: Deps,
  ask: Ask,
  entries: readonly AuditEntry[],
): Promise<(entry: AuditEntry, doerOf: DoerOf) => RecordName | undefined> {
  const { scope, user } = ask;
  const idsOf = (wanted: string) =>
    [...new Set(entries.map(({ about }) => partsOf(about)))].flatMap(({ kind, id }) =>
      kind === wanted ? [id] : [],
    );
  const mayOpenSettings = mayRole(user.role, 'settings.read');
  const mayOpenRecords = mayRole(user.role, 'contacts.read');
  const [contacts, addresses, users, catalogue] = await Promise.all([
    mayOpenRecords
      ? contactsOf(
          deps,
          ask,
          idsOf('contact').map((contactId) => ({ contactId })),
        )
      : new Map<string, never>(),
    mayOpenRecords && scope === null ? addressesOf(deps, idsOf('subscriber')) : new Map<string, string>(),
    mayOpenSettings && idsOf('user').length > 0 ? usersWithin(deps, scope) : [],
    deps.catalogue(),
  ]);
  const hrefOf = (kind: string, id: string): string | undefined => {
    if (kind === 'contact' && contacts.has(id)) return adminPaths.contact(id);
    if (kind === 'subscriber' && mayOpenRecords) return adminPaths.contact(id);
    if (kind === 'job' && mayRole(user.role, 'jobs.read')) return adminPaths.job(id);
    if (!mayOpenSettings) return undefined;
    if (kind === 'user' && users.some(({ _id }) => _id === id)) return adminPaths.user(id);
    if (kind === 'key') return adminPaths.keys();
    if (kind === 'unit' && catalogue.units.has(Number(id)) && isInScope(scope, Number(id)))
      return adminPaths.unit(id);
    const type = kind === 'type' ? catalogue.types.get(Number(id)) : undefined;
    return type && isInScope(scope, type.unitId) ? adminPaths.type(id) : undefined;
  };
  return (entry, doerOf) => {
    const { kind, id } = partsOf(entry.about);
    const contact = kind === 'contact' ? contacts.get(id) : undefined;
    const text =
      (contact && nameOf(contact)) ||
      (kind === 'subscriber' && addresses.get(id)) ||
      aboutOf(entry, doerOf, catalogue);
    const href = hrefOf(kind, id);
    return text ? { text, ...(href ? { href } : {}) } : undefined;
  };
}

async function addressesOf({ models }: Deps, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found =
    ids.length === 0
      ? []
      : await models.subscribers
          .find({ _id: trusted({ $in: ids }) }, { address: 1 })
          .lean<Pick<Subscriber, '_id' | 'address'>[]>();
  return new Map(
    found.flatMap(({ _id, address }) => (address ? [[_id, shownAddress(address)] as const] : [])),
  );
}

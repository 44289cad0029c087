/** A portal with a staff user working on records: contacts to open, and what they decide in the meantime. */
import { adminPaths } from '../../src/admin-paths.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import { effectiveStatus } from '../../src/domain/consent/effective.js';
import type {
  Actor,
  Circumstances,
  SubscriptionStatus,
  SubscriptionType,
  Wish,
} from '../../src/vocabulary/terms.js';
import type { Contact } from '../../src/models/contact.js';
import { openTestPortal } from './app.js';
import type { TestPortal } from './app.js';
import { contactIn } from './contacts.js';
import { fjell, northwind, trailNotes } from './people.js';
import { signedIn } from './staff.js';
import type { StaffVisitor } from './staff.js';

export interface RecordRoom {
  portal: TestPortal;
  /** Support staff who reach everything. */
  ida: StaffVisitor;
  /** A new contact, Guro, who belongs to both units. */
  somebody: (form?: Parameters<typeof contactIn>[1]) => Promise<Contact>;
  /** Decides about a contact's e-mail address; by the contact, on the preference page, unless told otherwise. */
  decided: (
    contact: Contact,
    wishes: Wish[],
    actor?: Actor,
    circumstances?: Circumstances,
  ) => Promise<unknown>;
  statusOf: (contact: Contact, type: SubscriptionType) => Promise<SubscriptionStatus>;
}

export const byContact: Actor = { kind: 'CONTACT', isLinkFresh: true, ref: 'preferences link' };

/** The dialog of a type, by default Trail notes. */
export function dialog({ _id }: Contact, to: SubscriptionStatus, type = trailNotes): string {
  return adminPaths.overrides(_id, { channel: type.channel, type: type.id, to });
}

/** The fields that an opt-in needs. */
export const reasons = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'Asked for it on the telephone.' };

export async function openRecordRoom(
  options: Parameters<typeof openTestPortal>[0] = {},
): Promise<RecordRoom> {
  const portal = await openTestPortal(options);
  let made = 0;
  return {
    portal,
    ida: await signedIn(portal, 'support'),
    somebody: (form = {}) => {
      made += 1;
      return contactIn(portal, {
        firstName: 'Guro',
        lastName: `Haugen ${made}`,
        email: `guro-${made}@example.com`,
        unitIds: [northwind.id, fjell.id],
        ...form,
      });
    },
    decided: ({ subscribers }, wishes, actor = byContact, circumstances = {}) =>
      changeConsent(portal.deps, {
        subscriberId: subscribers.EMAIL ?? '',
        channel: 'EMAIL',
        actor,
        wishes,
        circumstances,
      }),
    statusOf: async ({ email }, type) =>
      effectiveStatus(await portal.subscriberOf({ address: email ?? '' }), type).status,
  };
}

/** SEND_LINKS: queues "Manage your preferences" for many contacts. A mail's key contains the job's, so no contact gets two. */
import { z } from 'zod';
import type { BulkFault } from '../../domain/contacts/bulk/bulk-edit.js';
import { selectionSchema } from '../../domain/contacts/selection.js';
import { whyNoLink } from '../../domain/links/why-no-link.js';
import { queueMails, type WantedMail } from '../../mail/queue.js';
import { findContactsById, type Contact } from '../../models/contact.js';
import { type JobRow, type RowOutcome } from '../../models/job-chunk.js';
import type { Job } from '../../models/job.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { isAnyInScope, isInScope, type Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { counted } from '../../vocabulary/words.js';
import { chunkedStepper } from '../chunked.js';
import { laneOf, whomFact } from '../facts.js';
import { jobRef } from '../job-deps.js';
import type { JobKind } from '../kind.js';
import { selectContacts } from '../selected.js';

/** The recipients, and the sending unit. */
const sendLinksSchema = z.strictObject({ selection: selectionSchema, unitId: z.int() });
type SendLinks = z.infer<typeof sendLinksSchema>;

/** Reads the form. @returns the input of the job, or its faults */
export function readSendLinks(
  asked: unknown,
  { catalogue, scope }: { catalogue: Pick<Catalogue, 'units'>; scope: Scope },
): { links: SendLinks } | { faults: BulkFault[] } {
  const parsed = sendLinksSchema.safeParse(asked);
  if (parsed.success && catalogue.units.has(parsed.data.unitId) && isInScope(scope, parsed.data.unitId))
    return { links: parsed.data };
  return { faults: [{ field: 'unitId', message: 'Choose the business unit in whose name it is sent.' }] };
}

export const sendLinks: JobKind<SendLinks> = {
  name: 'SEND_LINKS',
  input: sendLinksSchema,
  permission: 'bulk.run',
  label: 'Send preferences links',
  lane: ({ selection }) => laneOf(selection),
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Mail queued',
    unchanged: 'Had the mail already',
    done: (count) => `${counted(count, 'mail')} queued`,
  },
  facts: ({ selection, unitId }, job, about) => [
    whomFact(selection, job, about),
    { term: 'In the name of', words: [about.catalogue.units.get(unitId)?.name ?? `unit ${unitId}`] },
  ],
  columns: () => ['Outcome'],
  stepper: (deps) =>
    chunkedStepper(deps, {
      select: selectContacts(deps),
      async run(job, ids, { guard }) {
        const { unitId } = sendLinksSchema.parse(job.input);
        const contacts = new Map(
          (await findContactsById(deps.models.contacts, ids)).map((contact) => [contact._id, contact]),
        );
        const subscriberIds = [...contacts.values()].flatMap(({ subscribers }) => subscribers.EMAIL ?? []);
        const subscribers = await findSubscribers(deps.models.subscribers, subscriberIds);
        const rows: JobRow[] = [];
        const mails: WantedMail[] = [];
        for (const contactId of ids) {
          const contact = contacts.get(contactId);
          const subscriber = subscribers.get(contact?.subscribers.EMAIL ?? '');
          const refusal = refusalOf(job, unitId, contact, subscriber);
          rows.push({
            contactId,
            subscriberId: subscriber?._id ?? null,
            outcomes: [refusal ?? 'CHANGED'],
          });
          if (!refusal && contact && subscriber) mails.push(mailTo(job, unitId, contact, subscriber));
        }
        guard();
        await queueMails(deps, mails);
        return rows;
      },
    }),
};

function refusalOf(
  { scope }: Job,
  unitId: number,
  contact: Contact | undefined,
  subscriber: SubscriberHead | undefined,
): RowOutcome | null {
  if (!contact || contact.blankUntil || !isAnyInScope(scope, contact.unitIds)) return 'NO_CONTACT';
  return whyNoLink(unitId, contact, subscriber);
}

function mailTo(job: Job, unitId: number, contact: Contact, { _id }: SubscriberHead): WantedMail {
  return {
    id: `PREFERENCES_LINK:${jobRef(job._id)}:${_id}`,
    kind: 'PREFERENCES_LINK',
    subscriberId: _id,
    unitId,
    queuedBy: jobRef(job._id),
    ...(contact.locale ? { locale: contact.locale } : {}),
  };
}

/** SEND_LINKS: queues "Manage your preferences" for many contacts; a mail's key holds the job's, so none is queued twice. */
import { streamContactIds } from '../domain/contacts/find.js';
import { sendLinksSchema } from '../domain/contacts/bulk/send-links.js';
import { queueMails } from '../mail/queue.js';
import type { WantedMail } from '../mail/queue.js';
import { findContactsById } from '../models/contact.js';
import type { Contact } from '../models/contact.js';
import { chunkSize } from '../models/job-chunk.js';
import type { JobRow, RowOutcome } from '../models/job-chunk.js';
import type { Job } from '../models/job.js';
import { findSubscribers } from '../models/find-subscribers.js';
import type { SubscriberHead } from '../models/subscriber.js';
import { isAnyInScope } from '../vocabulary/scope.js';
import { chunkedStepper } from './chunked.js';
import type { Stepper } from './engine.js';
import { jobRef } from './job-deps.js';
import type { JobDeps } from './job-deps.js';

export function sendLinksStepper(deps: JobDeps): Stepper {
  return chunkedStepper(deps, {
    select: ({ input, scope, at }, after) => {
      const { selection } = sendLinksSchema.parse(input);
      return streamContactIds(deps, { scope, selection, after, until: at, size: chunkSize });
    },
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
  });
}

/** Who opted out of all mail of the unit is not written to by the thousand; one who asks is sent a link alone. */
function refusalOf(
  { scope }: Job,
  unitId: number,
  contact: Contact | undefined,
  subscriber: SubscriberHead | undefined,
): RowOutcome | null {
  if (!contact || contact.blankUntil || !isAnyInScope(scope, contact.unitIds)) return 'NO_CONTACT';
  if (!contact.unitIds.includes(unitId)) return 'OTHER_UNIT';
  if (!subscriber?.address) return 'NO_ADDRESS';
  if (subscriber.undeliverable) return 'UNDELIVERABLE';
  const { portal, units } = subscriber.optOuts;
  return portal || units[unitId] ? 'PREVIOUSLY_OPTED_OUT' : null;
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

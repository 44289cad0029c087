/** Clearing a hard bounce, with an explanation; and asking a contact who complained, by mail, whether mail is welcome again. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { noteClearing } from '../../../domain/bounces/note-clearing.js';
import { refusalOf } from '../../../domain/consent/change.js';
import { writing } from '../../../domain/consent/durability.js';
import { complaintLinkId } from '../../../mail/complaint-link.js';
import { queueMail } from '../../../mail/queue.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { UndeliverableReason } from '../../../vocabulary/terms.js';
import { declareForm } from '../kit/form.js';
import type { Ask, StaffRoute } from '../route.js';
import { act, noteAct } from './act.js';
import { actRoutes, explanationField, explanationSchema, overriding, type ActPage } from './act-page.js';
import { cannotReceive } from './cannot-receive.js';
import { localeOf, ownUnitOf, unitField, unitIn } from './links.js';
import { whyNot } from './offered.js';
import { addressedChannelOf, openForAll, type ChannelRecord, type OpenedRecord } from './open-record.js';

interface Subject {
  record: OpenedRecord;
  one: ChannelRecord;
}

const bounceForm = declareForm<Subject, { explanation: string }>({
  ...overriding,
  pattern: adminPatterns.clearings,
  groups: () => [{ fields: [explanationField('How do you know that the address works again?')] }],
  button: 'Clear the bounce',
  schema: () => z.object({ explanation: explanationSchema }),
  save: async ({ deps, ask, subject, values: { explanation } }) => {
    const { record, one } = subject;
    const to = adminPaths.contact(record.id);
    if (one.subscriber.undeliverable?.reason !== 'HARD_BOUNCE') return { to, said: 'unchanged' };
    await noteClearing(deps, one.subscriberId);
    const reasons = { legalBasis: null, explanation };
    const done = await act(deps, ask, subject, { wishes: [{ kind: 'CLEAR_UNDELIVERABLE' }], reasons });
    const refusal = done.kind === 'DONE' ? refusalOf(done.result) : null;
    if (refusal) return { faults: [{ text: whyNot(refusal, []), href: '#explanation' }] };
    await noteAct(deps, ask, record, 'OVERRIDE_MADE', { detail: 'CLEAR_UNDELIVERABLE' });
    return { to, said: 'cleared' };
  },
});

const questionForm = declareForm<Subject, { unit: number }>({
  ...overriding,
  pattern: adminPatterns.clearingQuestions,
  groups: ({ record }) => [{ fields: [unitField(record)] }],
  texts: ({ record }) => ({ unit: String(ownUnitOf(record)?.id ?? '') }),
  button: 'Send the question',
  isKept: false,
  schema: ({ subject: { record } }) =>
    z.object({ unit: z.string().transform((text) => unitIn(record, text)) }),
  save: async ({ deps, ask, subject: { record, one }, values: { unit: unitId } }) => {
    const to = adminPaths.contact(record.id);
    const { undeliverable } = one.subscriber;
    if (undeliverable?.reason !== 'COMPLAINT') return { to, said: 'unchanged' };
    const { subscriberId } = one;
    const pendingId = complaintLinkId(undeliverable.seq);
    const day = deps.clock().toISOString().slice(0, 10);
    const id = `COMPLAINT_CLEARING:${subscriberId}:${pendingId}:${day}`;
    const wanted = { subscriberId, unitId, pendingId, queuedBy: staffRef(ask.user), ...localeOf(record) };
    const { isNew } = await writing(() => queueMail(deps, { id, kind: 'COMPLAINT_CLEARING', ...wanted }));
    if (isNew) await noteAct(deps, ask, record, 'LINK_SENT', { unitId });
    return { to, said: isNew ? 'asked' : 'asked-before' };
  },
});

export function clearingRoutes(deps: Deps): StaffRoute[] {
  // What an address can receive concerns all business units, so only users who reach all of them change it.
  const load = async (_deps: Deps, ask: Ask): Promise<Subject> => {
    const record = await openForAll(deps, ask);
    return { record, one: addressedChannelOf(record, 'EMAIL') };
  };
  return [
    ...actRoutes(deps, bounceForm, {
      load,
      show: (subject) =>
        pageOf(subject, 'HARD_BOUNCE', ({ one }) => ({
          heading: `Clear the bounce of ${one.address}?`,
          sentences: [
            one.subscriber.undeliverable?.soft === undefined
              ? 'Mail is then sent to the address again. If a mail comes back once more, the address is marked again.'
              : 'Mail is then sent to the address again, and soft bounces are counted anew.',
            'Your mail provider may have the address on its own list. Remove it there as well.',
          ],
        })),
    }),
    ...actRoutes(deps, questionForm, {
      load,
      show: (subject) =>
        pageOf(subject, 'COMPLAINT', ({ record, one }) => ({
          heading: `Ask ${record.name} by mail?`,
          sentences: [
            `Only the contact can clear a report of spam. A mail to ${one.address} asks, once a day at most. No other mail goes to this address.`,
            'Your mail provider may have the address on its own list, and hold this mail back. Remove it there first.',
          ],
        })),
    }),
  ];
}

/** The page of one form; without the form if the address cannot receive for another reason, or can receive. */
function pageOf(
  subject: Subject,
  reason: UndeliverableReason,
  show: (subject: Subject) => { heading: string; sentences: string[] },
): ActPage {
  const now = subject.one.subscriber.undeliverable;
  const title = reason === 'COMPLAINT' ? 'Ask the contact' : 'Clear the bounce';
  if (now?.reason === reason) return { title, ...show(subject) };
  const said = now ? `${cannotReceive(now)}.` : 'This address can receive.';
  return { title, isOffered: false, sentences: [said, 'There is nothing to do on this page.'] };
}

/** Mails the contact the link to its own preferences. The key of the mail names the step, so no contact gets two. */
import { z } from 'zod';
import { queueMails, type WantedMail } from '../../../mail/queue.js';
import { findSubscribers } from '../../../models/find-subscribers.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { reasonWords } from '../../../vocabulary/words.js';
import { reading } from '../../consent/durability.js';
import type { FilterContext } from '../../filters/condition-kind.js';
import { whyNoLink } from '../../links/why-no-link.js';
import { stepKind, type StepResult, type StepRow, type WorkflowDeps } from '../contract.js';

const input = z.strictObject({ unitId: z.int() });
type LinkStep = z.infer<typeof input>;

export const sendLinkStep = stepKind<LinkStep>({
  name: 'SEND_LINK',
  label: 'Send preferences link',
  hint: 'Mails the contact the link to its preference page, in its language.',
  input,
  isAction: true,
  sentence: ({ unitId }, about) =>
    `Mail the contact the link to its own choices at ${nameOf(unitId, about)}, in its language.`,
  faults: ({ unitId }, { catalogue, scope }) =>
    catalogue.units.has(unitId) && isInScope(scope, unitId)
      ? []
      : ['The business unit does not belong to the workflow. Choose another.'],
  async foretell(deps, { unitId }, row) {
    const subscribers = await subscribersOf(deps, [row]);
    const refusal = whyNoLink(unitId, row.contact, subscribers.get(row.contact.subscribers.EMAIL ?? ''));
    return refusal ? `Skips the contact: ${reasonWords(refusal)}` : 'Mails the link to its choices.';
  },
  async run(deps, { unitId }, rows, { guard }) {
    const subscribers = await subscribersOf(deps, rows);
    const mails: WantedMail[] = [];
    const results = rows.map(({ contact, ref }): StepResult => {
      const subscriber = subscribers.get(contact.subscribers.EMAIL ?? '');
      const refusal = whyNoLink(unitId, contact, subscriber);
      if (refusal || !subscriber) return { go: 'ON', outcome: 'SKIPPED', reason: refusal ?? 'NO_ADDRESS' };
      mails.push({
        ...{ id: `PREFERENCES_LINK:${ref}`, kind: 'PREFERENCES_LINK', subscriberId: subscriber._id, unitId },
        ...{ queuedBy: ref, ...(contact.locale ? { locale: contact.locale } : {}) },
      });
      return { go: 'ON', outcome: 'DONE' };
    });
    guard();
    await queueMails(deps, mails);
    return results;
  },
});

function subscribersOf({ models }: WorkflowDeps, rows: readonly Pick<StepRow, 'contact'>[]) {
  const ids = rows.flatMap(({ contact }) => contact.subscribers.EMAIL ?? []);
  return reading(() => findSubscribers(models.subscribers, ids));
}

function nameOf(unitId: number, { catalogue, scope }: FilterContext): string {
  const unit = isInScope(scope, unitId) ? catalogue.units.get(unitId) : undefined;
  return unit?.name ?? 'a business unit that does not exist';
}

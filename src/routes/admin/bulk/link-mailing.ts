/** Mails preferences links to many contacts. */
import { z } from 'zod';
import { adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import type { Deps } from '../../../deps.js';
import { wantedOf } from '../../../jobs/kind.js';
import { readSendLinks, sendLinks } from '../../../jobs/kinds/send-links.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { wholeOf } from '../form.js';
import { queueJobOf } from '../jobs/queue.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { unitOptions } from '../options.js';
import type { StaffRoute } from '../route.js';
import { unitsWithin } from '../user-access.js';
import { noneIn, pickedIn, tooMany, whichSentences, type Picked } from './selected.js';

interface Mailing {
  picked: Picked;
  units: readonly BusinessUnit[];
}

const rule = { may: sendLinks.permission, about: 'nothing' } as const;

const mailingForm = declareForm<Mailing, { unit: number | null }>({
  ...rule,
  pattern: adminPatterns.linkMailings,
  groups: ({ units }) => [
    {
      fields: [
        {
          // Without a choice, the name is shown and not asked for.
          kind: units.length > 1 ? 'select' : 'fixed',
          name: 'unit',
          label: 'In the name of',
          options: unitOptions(units),
        },
      ],
    },
  ],
  texts: ({ units: [first] }) => ({ unit: String(first?.id ?? '') }),
  hidden: ({ picked }) => picked.fields,
  button: 'Send',
  more: ({ picked }) => ({
    button: `Send to ${picked.many}`,
    cancelHref: picked.backHref,
    note: 'Sending starts at once. You can stop it on the next page.',
  }),
  schema: () => z.object({ unit: z.string().transform(wholeOf) }),
  save: async ({ deps, ask, subject: { picked }, values: { unit: unitId } }) => {
    const selection = await selectionForJob(deps, ask.scope, picked.selection);
    if (!selection) return { faults: [tooMany] };
    const about = { catalogue: await deps.catalogue(), scope: ask.scope };
    const read = readSendLinks({ unitId, selection }, about);
    if ('faults' in read)
      return { faults: read.faults.map(({ message }) => ({ text: message, href: '#unit' })) };
    return { to: await queueJobOf(deps, ask, wantedOf(sendLinks, read.links)) };
  },
});

export function linkMailingRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Mailing>(deps, {
    pattern: adminPatterns.newLinkMailing,
    section: 'contacts',
    load: async (_deps, ask) => ({
      picked: await pickedIn(deps, ask),
      units: await unitsWithin(deps, ask.scope),
    }),
    instead: ({ ask, subject }) => noneIn(subject.picked, ask),
    show: ({ subject: { picked } }, form) => ({
      title: 'Send preferences link',
      heading: `Send a preferences link to ${picked.whom}?`,
      crumbs: [{ href: picked.backHref, text: 'Contacts' }],
      isNarrow: true,
      panels: [
        {
          sentences: [
            ...whichSentences(picked),
            'Each contact with an e-mail address gets the mail “Manage your preferences”, in their language, with a personal link. Contacts who cannot receive mail, or opted out of all of this business unit, get none.',
          ],
          form: form(mailingForm),
        },
      ],
    }),
    forms: [mailingForm],
  });
}

/** "Set as marketing / non-marketing contacts": a dialog of the index that says when the change takes effect. It queues a job. */
import { z } from 'zod';
import { adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import type { Deps } from '../../../deps.js';
import { readMarketingState } from '../../../domain/marketing/usage.js';
import { wantedOf } from '../../../jobs/kind.js';
import { setMarketing } from '../../../jobs/kinds/marketing.js';
import { noneIn, pickedIn, tooMany, whichSentences } from '../bulk/selected.js';
import type { Picked } from '../bulk/selected.js';
import { queueJobOf } from '../jobs/queue.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { StaffRoute } from '../route.js';
import { leavingSentence, limitSentence } from './marketing-words.js';

interface MarketingEdit {
  picked: Picked;
  /** When non-marketing takes effect, as a day. */
  leaves: string;
  /** Null without a limit. */
  limit: string | null;
}

const rule = { may: setMarketing.permission, about: 'nothing' } as const;

const marketingForm = declareForm<MarketingEdit, { status: 'MARKETING' | 'NON_MARKETING' }>({
  ...rule,
  pattern: adminPatterns.marketingEdits,
  groups: ({ leaves, limit }) => [
    {
      fields: [
        {
          ...{ kind: 'radios', name: 'status', label: 'Set as' },
          options: [
            {
              ...{ value: 'MARKETING', label: 'Marketing contacts' },
              hint: ['It takes effect at once.', limit].filter(Boolean).join(' '),
            },
            { value: 'NON_MARKETING', label: 'Non-marketing contacts', hint: leaves },
          ],
        },
      ],
    },
  ],
  hidden: ({ picked }) => picked.fields,
  button: 'Update',
  more: ({ picked }) => ({
    button: `Update ${picked.many}`,
    cancelHref: picked.backHref,
    note: 'Subscriptions and opt-outs do not change.',
  }),
  schema: () =>
    z.object({ status: z.enum(['MARKETING', 'NON_MARKETING'], 'Choose the marketing contact status.') }),
  save: async ({ deps, ask, subject: { picked }, values: { status } }) => {
    const selection = await selectionForJob(deps, ask.scope, picked.selection);
    if (!selection) return { faults: [tooMany] };
    const isMarketing = status === 'MARKETING';
    return { to: await queueJobOf(deps, ask, wantedOf(setMarketing, { selection, isMarketing })) };
  },
});

export function marketingEditRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<MarketingEdit>(deps, {
    pattern: adminPatterns.newMarketingEdit,
    section: 'contacts',
    load: async (_deps, ask) => {
      const [picked, state] = await Promise.all([pickedIn(deps, ask), readMarketingState(deps)]);
      // The number of the whole account is not for users who are limited to units.
      const limit = ask.scope === null ? limitSentence(state) : null;
      return { picked, leaves: leavingSentence(state, ask.zone), limit };
    },
    instead: ({ ask, subject }) => noneIn(subject.picked, ask),
    show: ({ subject: { picked } }, form) => ({
      title: 'Set marketing contact status',
      heading: `Set ${picked.whom} as marketing or non-marketing contacts`,
      crumbs: [{ href: picked.backHref, text: 'Contacts' }],
      isNarrow: true,
      panels: [{ sentences: whichSentences(picked), form: form(marketingForm) }],
    }),
    forms: [marketingForm],
  });
}

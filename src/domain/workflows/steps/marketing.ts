/** Sets the marketing contact status: marketing at once, non-marketing at the next update. */
import { z } from 'zod';
import type { Condition } from '../../filters/filter.js';
import { staysMarketing } from '../../marketing/manage.js';
import { setMarketingStatus } from '../../marketing/status.js';
import { stepKind } from '../contract.js';

const input = z.strictObject({ isMarketing: z.boolean() });

const nonMarketing: Condition[] = [{ on: 'marketing', of: '', is: 'IS', values: ['no'] }];

export const marketingStep = stepKind<z.infer<typeof input>>({
  name: 'MARKETING',
  label: 'Set marketing contact status',
  hint: 'Makes the contact a marketing contact at once, or a non-marketing contact at the next update.',
  input,
  isAction: true,
  sentence: ({ isMarketing }) =>
    isMarketing
      ? 'Set the contact to marketing, at once.'
      : 'Set the contact to non-marketing, from the next update on.',
  faults: () => [],
  concern: ({ isMarketing }) => ({
    effect: isMarketing ? 'TO_MARKETING' : 'FROM_MARKETING',
    conditions: isMarketing ? nonMarketing : staysMarketing,
  }),
  changes: () => ({ isAbout: ({ on }) => ['marketing', 'until-update', 'updated'].includes(on) }),
  foretell: async (_deps, { isMarketing }) =>
    isMarketing
      ? 'Sets the contact to marketing.'
      : 'Sets the contact to non-marketing, from the next update on.',
  async run(deps, { isMarketing }, rows, { workflowId, scope, guard }) {
    const outcomes = await setMarketingStatus(deps, {
      ...{ isMarketing, scope, beforeWrite: guard, by: `workflow:${workflowId}` },
      contactIds: rows.map(({ contact }) => contact._id),
    });
    return outcomes.map((outcome) =>
      outcome === 'CHANGED' || outcome === 'NO_CHANGE'
        ? { go: 'ON', outcome: 'DONE', ...(outcome === 'NO_CHANGE' ? { reason: outcome } : {}) }
        : { go: 'ON', outcome: 'SKIPPED', reason: outcome },
    );
  },
});

/** Conditions on the marketing contact status, under the names of HubSpot's properties. */
import { aboutContact } from '../condition-kind.js';

export const marketingStatusName = 'Marketing contact status';
export const untilUpdateName = 'Marketing contact until next update';

export const marketingStatus = aboutContact('marketing', {
  label: marketingStatusName,
  kind: 'CHOICE',
  isOptional: false,
  source: { facets: 'marketing:' },
  options: [
    { value: 'yes', label: 'Marketing contact' },
    { value: 'no', label: 'Non-marketing contact' },
  ],
});

export const untilUpdate = aboutContact('until-update', {
  label: untilUpdateName,
  kind: 'YES_NO',
  isOptional: false,
  source: { facets: 'until-update:' },
});

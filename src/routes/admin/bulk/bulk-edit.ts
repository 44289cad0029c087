/** "Edit communication subscriptions" of many contacts. It queues a job, which is previewed and confirmed on its own page. */
import { z } from 'zod';
import { adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import type { Deps } from '../../../deps.js';
import { bulkStatuses, longestExplanation, readBulkEdit } from '../../../domain/contacts/bulk/bulk-edit.js';
import type { BulkStatus } from '../../../domain/contacts/bulk/bulk-edit.js';
import { wantedOf } from '../../../jobs/kind.js';
import { bulkEdit } from '../../../jobs/kinds/bulk-edit.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import { channels, type Catalogue } from '../../../vocabulary/terms.js';
import { channelNames } from '../../../vocabulary/words.js';
import { wholeOf } from '../form.js';
import { queueJobOf } from '../jobs/queue.js';
import type { FieldPlan, GroupPlan } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { basisOptions } from '../options.js';
import type { StaffRoute } from '../route.js';
import { noneIn, pickedIn, tooMany, whichSentences } from './selected.js';
import type { Picked } from './selected.js';

interface Edit {
  picked: Picked;
  catalogue: Catalogue;
}

const rule = { may: bulkEdit.permission, about: 'nothing' } as const;

const statusWords: Readonly<Record<BulkStatus, { label: string; hint: string }>> = {
  OPT_IN: { label: 'Opt in', hint: 'Subscribed. It never overrides a contact’s own choice.' },
  NOT_OPTED: {
    label: 'Not opted',
    hint: 'Back to “not specified”. It never overrides a contact’s own choice.',
  },
  OPT_OUT: { label: 'Opt out', hint: 'They no longer receive it.' },
};

/** Types of other channels than the chosen one are not visible. */
function groupsOf(catalogue: Catalogue, scope: Scope): GroupPlan[] {
  return [
    {
      legend: 'The change',
      fields: [
        {
          kind: 'radios',
          name: 'channel',
          label: 'Channel',
          look: 'across',
          options: channels.map((value) => ({ value, label: channelNames[value] })),
        },
        {
          kind: 'grouped',
          name: 'type',
          label: 'Which subscriptions?',
          optionGroups: typeGroups(catalogue, scope),
        },
        {
          kind: 'radios',
          name: 'status',
          label: 'New status',
          look: 'across',
          options: bulkStatuses.map((value) => ({ value, ...statusWords[value] })),
        },
        {
          kind: 'tick',
          name: 'removesOptOutOfAll',
          label: 'Remove opt out from all email',
          look: 'of-email-alone',
          hint: 'Only the opt-out by staff. One by the contact or another party stays. Contacts that are still opted out of all are not opted in.',
        },
      ],
    },
    {
      legend: 'Why may you?',
      fields: [
        {
          kind: 'select',
          name: 'legalBasis',
          label: 'Legal basis for communication',
          options: basisOptions('None'),
          hint: catalogue.isPrivacyMode
            ? 'Data privacy mode is on: an opt-in needs a basis and an explanation.'
            : 'Kept with each change.',
        },
        {
          kind: 'area',
          name: 'explanation',
          label: 'Explanation of the consent',
          most: longestExplanation,
          // Only opting in needs it.
          isAlternative: true,
          hint: 'Where and when they agreed. It is kept in each contact’s history, and opting in needs it.',
        },
        {
          kind: 'select',
          name: 'processingBasis',
          label: 'Legal basis for processing',
          options: basisOptions('No change'),
          hint: 'For tracking and storing the contact’s data. Set only on contacts without one.',
        },
      ],
    },
  ];
}

function typeGroups(
  { units, orderedTypes }: Catalogue,
  scope: Scope,
): NonNullable<FieldPlan['optionGroups']> {
  const offered = orderedTypes.filter(({ unitId, isActive }) => isActive && isInScope(scope, unitId));
  return channels.flatMap((channel) => {
    const look = `of-${channel}`;
    const groups = [...units.values()].flatMap(({ id, name }) => {
      const types = offered.filter((type) => type.channel === channel && type.unitId === id);
      if (types.length === 0) return [];
      const options = types.map((type) => ({
        value: String(type.id),
        label: type.name,
        ...(type.isInternal ? { hint: 'Internal: contacts never see it.' } : {}),
      }));
      return [{ label: `${name}, ${channelNames[channel]}`, look, options }];
    });
    const none = `There is nothing to subscribe to by ${channelNames[channel]} yet.`;
    return groups.length > 0 ? groups : [{ label: none, look, options: [] }];
  });
}

const schema = z.object({
  ...{ channel: z.string(), status: z.string(), explanation: z.string() },
  ...{ legalBasis: z.string(), processingBasis: z.string(), removesOptOutOfAll: z.boolean() },
  type: z.array(z.string()).transform((ids) => ids.map((id) => wholeOf(id) ?? -1)),
});

const editForm = declareForm<Edit, z.infer<typeof schema>>({
  ...rule,
  pattern: adminPatterns.bulkEdits,
  groups: ({ catalogue }, _texts, { scope }) => groupsOf(catalogue, scope),
  texts: () => ({ channel: 'EMAIL' }),
  hidden: ({ picked }) => picked.fields,
  button: 'Preview the changes',
  more: ({ picked }) => ({
    cancelHref: picked.backHref,
    note: 'Nothing changes yet: a preview comes first.',
  }),
  schema: () => schema,
  save: async ({ deps, ask, subject: { picked, catalogue }, values }) => {
    const { channel, type: typeIds, removesOptOutOfAll, explanation } = values;
    const selection = await selectionForJob(deps, ask.scope, picked.selection);
    const asked = {
      channel,
      typeIds: typeIds.filter((id) => (catalogue.types.get(id)?.channel ?? channel) === channel),
      status: values.status || null,
      hasOptOutOfAllRemoved: removesOptOutOfAll && channel === 'EMAIL',
      legalBasis: values.legalBasis || null,
      processingBasis: values.processingBasis || null,
      explanation,
      selection: selection ?? { kind: 'IDS', ids: [] },
    };
    const read = readBulkEdit(asked, { catalogue, scope: ask.scope });
    const faults = 'faults' in read ? read.faults : [];
    if (selection && 'edit' in read)
      return { to: await queueJobOf(deps, ask, wantedOf(bulkEdit, read.edit)) };
    return {
      faults: [
        ...faults.map(({ field, message }) => ({
          text: message,
          href: `#${field === 'typeIds' ? 'type' : field}`,
        })),
        ...(selection ? [] : [tooMany]),
      ],
    };
  },
});

export function bulkEditRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Edit>(deps, {
    pattern: adminPatterns.newBulkEdit,
    section: 'contacts',
    load: async (_deps, ask) => ({ picked: await pickedIn(deps, ask), catalogue: await deps.catalogue() }),
    instead: ({ ask, subject }) => noneIn(subject.picked, ask),
    show: ({ subject: { picked } }, form) => ({
      title: 'Edit communication subscriptions',
      heading: `What should change for ${picked.whom}?`,
      crumbs: [{ href: picked.backHref, text: 'Contacts' }],
      lead: whichSentences(picked).join(' '),
      form: form(editForm),
    }),
    forms: [editForm],
  });
}

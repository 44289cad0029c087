/** What enrols contacts: the trigger and its settings. Its filter has a page of its own. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { listsWithin } from '../../../domain/filters/conditions/list.js';
import { noFilter } from '../../../domain/filters/filter.js';
import type { Plan, Trigger } from '../../../domain/workflows/plan.js';
import { eventTriggers } from '../../../domain/workflows/triggers.js';
import { counted, typeName } from '../../../vocabulary/words.js';
import { onlyWith } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { offeredTypes } from '../options.js';
import type { StaffRoute } from '../route.js';
import { keepDraft, openDraft, workflowCrumbs, type OpenWorkflow } from './open-workflow.js';
import { present } from '../present.js';

interface TriggerValues {
  trigger: Trigger;
  enrolsAgain: boolean;
  listIds: string[];
}

const ways = [
  {
    ...{ value: 'FILTER', label: 'When it starts to meet a filter' },
    hint: 'You choose the filter on the next page.',
  },
  ...eventTriggers.map(({ name, label }) => ({ value: name, label })),
  {
    value: 'BY_HAND',
    label: 'Only by hand',
    hint: 'Staff enrol contacts, or a program does through the API.',
  },
];

/** The class of a field that some events take. */
const takers = (what: 'TYPE' | 'LIST') =>
  onlyWith(ways, ...eventTriggers.filter(({ takes }) => takes === what).map(({ name }) => name));

const triggerForm = declareForm<OpenWorkflow, TriggerValues>({
  pattern: adminPatterns.workflowTrigger,
  may: 'workflows.change',
  about: 'workflow',
  groups: ({ about, plan }, { typeId = '' }) => {
    const types = offeredTypes(about.catalogue, about.scope, [typeId]);
    const lists = listsWithin(about);
    const never = plan.suppression.listIds.length;
    return present([
      {
        fields: [
          { kind: 'radios', name: 'way', label: 'When is a contact enrolled?', look: 'leads', options: ways },
          {
            ...{ kind: 'select', name: 'typeId', label: 'Subscription type', look: takers('TYPE') },
            options: [
              { value: '', label: 'Any' },
              ...types.map((type) => ({ value: String(type.id), label: typeName(type) })),
            ],
          },
          {
            ...{ kind: 'select', name: 'listId', label: 'Static list', look: takers('LIST') },
            options: [
              { value: '', label: 'Choose …' },
              ...lists
                .filter(({ filter }) => filter === null)
                .map(({ id, name }) => ({ value: id, label: name })),
            ],
          },
          {
            ...{ kind: 'tick', name: 'enrolsAgain', label: 'Enrol a contact again' },
            hint: 'Every time it starts to meet the filter again, or the event happens again. Otherwise each contact is enrolled once.',
            look: onlyWith(ways, ...ways.map(({ value }) => value).filter((value) => value !== 'BY_HAND')),
          },
        ],
      },
      lists.length > 0 && {
        ...{ legend: 'Contacts that are never enrolled', isFolded: true },
        hint: never > 0 ? `members of ${counted(never, 'list')}` : 'none',
        fields: [
          {
            ...({ kind: 'ticks', name: 'suppression', label: 'Never enrol members of' } as const),
            hint: 'A contact also leaves the workflow when it joins one of these lists.',
            options: lists.map(({ id, name }) => ({ value: id, label: name })),
          },
        ],
      },
    ]);
  },
  texts: ({ plan: { trigger, enrolsAgain, suppression } }) => ({
    way: trigger?.kind === 'EVENT' ? trigger.event : (trigger?.kind ?? 'FILTER'),
    ...(trigger?.kind === 'EVENT' ? { typeId: trigger.of, listId: trigger.listId } : {}),
    ...{ enrolsAgain: enrolsAgain ? 'yes' : '', suppression: suppression.listIds.join('\n') },
  }),
  version: ({ workflow }) => workflow.revision,
  button: 'Save',
  more: ({ workflow }) => ({ cancelHref: adminPaths.workflow(workflow._id) }),
  schema: ({ subject: { plan } }) =>
    z
      .looseObject({
        ...{
          way: z.string().min(1, 'is not chosen'),
          typeId: z.string().max(20),
          listId: z.string().max(60),
        },
        ...{ enrolsAgain: z.boolean(), suppression: z.array(z.string()).max(20).optional() },
      })
      .transform(({ way, typeId, listId, enrolsAgain, suppression = [] }, context): TriggerValues => {
        const event = eventTriggers.find(({ name }) => name === way);
        if (event?.takes === 'LIST' && listId === '')
          context.addIssue({ code: 'custom', path: ['listId'], message: 'is not chosen' });
        const filter = plan.trigger?.kind === 'FILTER' ? plan.trigger.filter : noFilter;
        const trigger: Trigger = event
          ? {
              ...{ kind: 'EVENT', event: event.name, of: event.takes === 'TYPE' ? typeId : '' },
              listId: event.takes === 'LIST' ? listId : '',
            }
          : way === 'BY_HAND'
            ? { kind: 'BY_HAND' }
            : { kind: 'FILTER', filter };
        return { trigger, enrolsAgain, listIds: suppression };
      }),
  save: async ({ deps, ask, subject, values: { trigger, enrolsAgain, listIds }, version }) => {
    const { workflow, plan } = subject;
    if (version !== workflow.revision) return 'STALE';
    const next: Plan = { ...plan, trigger, enrolsAgain, suppression: { listIds } };
    await keepDraft(deps, ask, subject, { plan: next, what: 'trigger' });
    return trigger.kind === 'FILTER'
      ? { to: adminPaths.workflowFilter(workflow._id, { of: 'trigger' }) }
      : { to: adminPaths.workflow(workflow._id), said: 'saved' };
  },
});

export function triggerRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes<OpenWorkflow>(deps, {
      section: 'workflows',
      load: openDraft,
      show: ({ subject }, form) => ({
        title: 'Trigger',
        crumbs: workflowCrumbs(subject.workflow),
        isNarrow: true,
        panels: [{ form: form(triggerForm) }],
      }),
      forms: [triggerForm],
    }),
  ];
}

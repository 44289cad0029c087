/** Settings of a workflow: its name, when actions run, and when contacts leave. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { line } from '../../../domain/catalogue/fields.js';
import { describeFilter } from '../../../domain/filters/describe.js';
import { clockTime, type Plan } from '../../../domain/workflows/plan.js';
import { weekdayNames } from '../../../domain/workflows/steps/wait.js';
import { renameWorkflow } from '../../../domain/workflows/workflows.js';
import { listOf } from '../../../vocabulary/words.js';
import { timeZones } from '../../../vocabulary/time-zones.js';
import { onlyWith } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { StaffRoute } from '../route.js';
import {
  auditWorkflow,
  keepDraft,
  openWorkflow,
  stateOf,
  tabsOf,
  unitsWords,
  workflowsCrumb,
  type OpenWorkflow,
} from './open-workflow.js';
import { weekdayOptions } from './step-fields.js';
import { present } from '../present.js';

const nameForm = declareForm<OpenWorkflow, { name: string }>({
  pattern: adminPatterns.workflowNames,
  may: 'workflows.change',
  about: 'workflow',
  groups: () => [{ fields: [{ kind: 'text', name: 'name', label: 'Name', isRequired: true, most: 80 }] }],
  texts: ({ workflow }) => ({ name: workflow.name }),
  version: ({ workflow }) => workflow.revision,
  button: 'Save name',
  look: 'plain',
  schema: () => z.object({ name: line(80) }),
  save: async ({ deps, ask, subject: { workflow }, values: { name }, version }) => {
    if (version !== workflow.revision) return 'STALE';
    await renameWorkflow(deps, workflow, name);
    await auditWorkflow(deps, ask, workflow, `renamed to “${name}”`);
    return { to: adminPaths.workflowSettings(workflow._id), said: 'saved' };
  },
});

const windows = [
  { value: 'always', label: 'At any time' },
  { value: 'window', label: 'Only at these times', hint: 'Waits end and branches divide at any time.' },
];
const ofWindow = onlyWith(windows, 'window');

const settingsForm = declareForm<OpenWorkflow, Pick<Plan, 'window' | 'leavesWhenUnmet' | 'tellsStaff'>>({
  pattern: adminPatterns.workflowSettings,
  may: 'workflows.change',
  about: 'workflow',
  groups: ({ plan }) => [
    {
      fields: present([
        {
          ...{ kind: 'radios', name: 'when', label: 'When steps run', look: 'leads', options: windows },
        },
        {
          ...{ kind: 'ticks', name: 'days', label: 'Days', options: weekdayOptions() },
          look: `across ${ofWindow}`,
        },
        {
          ...{ kind: 'text', name: 'from', label: 'From', most: 5, hint: 'Such as 08:00.' },
          ...{ look: `brief ${ofWindow}`, isAlternative: true },
        },
        {
          ...{ kind: 'text', name: 'to', label: 'To', most: 5, hint: 'It may be past midnight.' },
          ...{ look: `brief ${ofWindow}`, isAlternative: true },
        },
        {
          ...{ kind: 'select', name: 'zone', label: 'Time zone', look: ofWindow },
          options: timeZones().map((value) => ({ value, label: value })),
        },
        plan.trigger?.kind === 'FILTER' && {
          ...{ kind: 'tick' as const, name: 'leavesWhenUnmet' },
          label: 'A contact leaves when it no longer meets the trigger',
        },
        {
          ...{ kind: 'tick', name: 'tellsStaff', label: 'Mail staff when steps fail' },
          hint: 'At most one mail an hour, to each user who may change this workflow.',
        },
      ]),
    },
  ],
  texts: ({ plan: { window, leavesWhenUnmet, tellsStaff }, about }) => ({
    when: window ? 'window' : 'always',
    days: (window?.days ?? [1, 2, 3, 4, 5]).join('\n'),
    ...{ from: window?.from ?? '08:00', to: window?.to ?? '18:00' },
    zone: window?.zone ?? about.catalogue.timeZone,
    leavesWhenUnmet: leavesWhenUnmet ? 'yes' : '',
    tellsStaff: tellsStaff ? 'yes' : '',
  }),
  version: ({ workflow }) => workflow.revision,
  button: 'Save settings',
  schema: () =>
    z
      .object({
        ...{ when: z.enum(['always', 'window'], 'is not chosen'), days: z.array(z.string()) },
        ...{
          from: z.string(),
          to: z.string(),
          zone: z.string(),
          leavesWhenUnmet: z.boolean().default(false),
          tellsStaff: z.boolean(),
        },
      })
      .transform(({ when, days, leavesWhenUnmet, tellsStaff, ...hours }, context) => {
        if (when === 'always') return { window: null, leavesWhenUnmet, tellsStaff };
        const fault = (path: string, message: string) =>
          context.addIssue({ code: 'custom', path: [path], message });
        if (days.length === 0) fault('days', 'need at least one day');
        for (const name of ['from', 'to'] as const)
          if (!clockTime.safeParse(hours[name]).success) fault(name, 'is not a time such as 08:00');
        return { window: { days: days.map(Number), ...hours }, leavesWhenUnmet, tellsStaff };
      }),
  save: async ({ deps, ask, subject, values, version }) => {
    const { workflow, plan } = subject;
    if (version !== workflow.revision || workflow.draft === null) return 'STALE';
    await keepDraft(deps, ask, subject, { plan: { ...plan, ...values }, what: 'settings' });
    return { to: adminPaths.workflowSettings(workflow._id), said: 'saved' };
  },
});

export function workflowSettingsRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<OpenWorkflow>(deps, {
    pattern: adminPatterns.workflowSettings,
    may: 'workflows.read',
    section: 'workflows',
    sayings: { saved: { tone: 'good', strong: 'Saved.' } },
    load: openWorkflow,
    show: ({ subject }, form) => {
      const { workflow, plan, about, mayEdit } = subject;
      return {
        title: `Settings of ${workflow.name}`,
        ...{ heading: workflow.name, state: stateOf(workflow), tabs: tabsOf(workflow, 'settings') },
        crumbs: [workflowsCrumb],
        isNarrow: true,
        panels: [
          { heading: 'Name', form: form(nameForm) },
          {
            heading: 'Goal',
            sentences: [
              plan.goal
                ? `A contact leaves the workflow when it meets the goal: ${describeFilter(plan.goal, about).join(', ')}.`
                : 'A contact leaves the workflow when it meets the goal. The goal is not set yet.',
            ],
            ...(mayEdit && {
              link: {
                href: adminPaths.workflowFilter(workflow._id, { of: 'goal' }),
                text: plan.goal ? 'Change the goal' : 'Set a goal',
              },
            }),
          },
          mayEdit
            ? { heading: 'How it runs', form: form(settingsForm) }
            : {
                heading: 'How it runs',
                facts: [
                  { term: 'Business units', text: unitsWords(workflow, about) },
                  { term: 'Steps run', text: windowWords(plan) },
                  {
                    term: 'A contact that no longer meets the trigger',
                    text: plan.leavesWhenUnmet ? 'leaves' : 'stays',
                  },
                  { term: 'Mail staff when steps fail', text: plan.tellsStaff ? 'Yes' : 'No' },
                ],
                ...(workflow.draft === null ? { sentences: ['To change this, edit a draft.'] } : {}),
              },
        ],
      };
    },
    forms: [nameForm, settingsForm],
  });
}

/** "At any time", or the days and hours. */
export function windowWords({ window }: Pick<Plan, 'window'>): string {
  if (!window) return 'At any time';
  const { days, from, to, zone } = window;
  return `${listOf(days.map((day) => weekdayNames[day - 1] ?? ''))}, ${from} to ${to}, ${zone} time`;
}

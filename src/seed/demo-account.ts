/** What staff set up in the demonstration world: settings, lists, saved views and workflows. */
import type { CatalogueDeps } from '../domain/catalogue/contract.js';
import { defineProperties } from '../domain/catalogue/properties.js';
import { saveView } from '../domain/contacts/saved-views.js';
import { allOf, type Condition } from '../domain/filters/filter.js';
import { createList, type ListDeps } from '../domain/lists/lists.js';
import { addToList } from '../domain/lists/members.js';
import { saveMarketingSettings } from '../domain/marketing/settings.js';
import { setMarketingStatus } from '../domain/marketing/status.js';
import { recordAudit } from '../domain/staff/audit.js';
import { emptyPlan, type Plan, type Step } from '../domain/workflows/plan.js';
import { createWorkflow, getWorkflow, publish, saveDraft } from '../domain/workflows/workflows.js';
import { DomainError } from '../errors.js';
import type { Models } from '../models/index.js';
import type { Scope } from '../vocabulary/scope.js';
import type { CrowdContact } from './demo-crowd.js';
import { fjell, northwind, offers, productNews, trailNotes, weekendLetters } from './world.js';

type AccountDeps = ListDeps & CatalogueDeps & { models: Models };

/** Marketing contacts that the plan of the demonstration allows: 84 % of them are in use. */
export const marketingLimit = 295;

const dayMs = 86_400_000;

/** The types of properties and the settings of marketing contacts. The next monthly update is always some days ahead. */
export async function setUpAccount(deps: AccountDeps, today: Date): Promise<void> {
  const properties = [
    { name: 'Customer level', kind: 'CHOICE', choices: ['New', 'Regular', 'Gold'] },
    { name: 'Loyalty points', kind: 'NUMBER', choices: [] },
    { name: 'Guide member', kind: 'YES_NO', choices: [] },
  ] as const;
  const definitions = properties.map((property) => ({ ...property, choices: [...property.choices] }));
  await defineProperties(deps, 0, definitions);
  const day = new Date(today.getTime() + 12 * dayMs).getUTCDate();
  await saveMarketingSettings(deps, 0, { day, limit: marketingLimit, nonMarketingSources: ['IMPORT'] });
  // Contacts that are made next must find the settings.
  await deps.rereadCatalogue();
}

const is = (on: string, of: string, ...values: string[]): Condition => ({ ...{ on, of, is: 'IS', values } });
const status = (typeId: number, value: string) => is('status', String(typeId), value);
const anyOf = (on: string, ...values: string[]): Condition => ({
  ...{ on, of: '', is: 'IS_ANY_OF', values },
});

export interface DemoLists {
  volunteers: string;
  partners: string;
  welcomed: string;
}

/** @param by the marketer, as `user:<id>` @returns ids of the static lists */
export async function makeLists(deps: AccountDeps, by: string): Promise<DemoLists> {
  const make = async (name: string, of: { unitIds?: Scope; conditions?: Condition[] }) => {
    const { unitIds = null, conditions } = of;
    const filter = conditions ? { filter: allOf(conditions) } : {};
    const made = await createList(deps, {
      ...{ name, unitIds, by, scope: null, kind: conditions ? 'ACTIVE' : 'STATIC', ...filter },
    });
    if (!('list' in made))
      throw new DomainError('INVALID_FORM', made.faults.map(({ message }) => message).join(' '));
    const { _id } = made.list;
    await recordAudit(deps, { kind: 'LIST_CHANGED', by, about: `list:${_id}`, detail: `“${name}” created` });
    return _id;
  };
  await make('Reads Trail notes', { conditions: [status(trailNotes.id, 'SUBSCRIBED')] });
  await make('Gold customers who get no offers', {
    conditions: [
      is('property', 'customer level', 'gold'),
      { ...status(offers.id, 'SUBSCRIBED'), is: 'IS_NOT' },
    ],
  });
  await make('Hotel guests in Norway and Sweden', {
    unitIds: [fjell.id],
    conditions: [is('unit', '', String(fjell.id)), anyOf('language', 'nb', 'sv')],
  });
  await make('Cannot be reached by email', {
    conditions: [anyOf('cannot-receive', 'EMAIL:undeliverable:HARD_BOUNCE', 'EMAIL:undeliverable:COMPLAINT')],
  });
  return {
    volunteers: await make('Oslo trail run: volunteers', { unitIds: [northwind.id] }),
    partners: await make('Partners and press', {}),
    welcomed: await make('Welcomed to Trail notes', {}),
  };
}

/** Staff choose members of the static lists by hand. */
export async function fillLists(
  deps: AccountDeps,
  lists: DemoLists,
  crowd: readonly CrowdContact[],
): Promise<void> {
  const add = (listId: string, unitIds: Scope, contacts: readonly CrowdContact[]) =>
    addToList(deps, {
      list: { _id: listId, unitIds },
      contactIds: contacts.map(({ id }) => id),
      scope: null,
    });
  const ofCity = crowd.filter(
    ({ form }) => form.properties['City'] === 'Oslo' && form.unitIds.includes(northwind.id),
  );
  await add(lists.volunteers, [northwind.id], ofCity);
  await add(lists.partners, null, crowd.filter(({ form }) => form.properties['Company']).slice(0, 9));
}

/** Views that the marketer shares. @param userId id of the marketer */
export async function saveViews(deps: AccountDeps, userId: string): Promise<void> {
  const views: [string, Condition[]][] = [
    ['Norwegian speakers in Oslo', [is('language', '', 'nb'), is('property', 'city', 'oslo')]],
    ['Opted out of offers', [{ on: 'opted-out', of: String(offers.id), is: 'IS_TRUE', values: [] }]],
    ['Added in the last 30 days', [{ on: 'created', of: '', is: 'IN_LAST_DAYS', values: ['30'] }]],
  ];
  for (const [name, conditions] of views) {
    const view = { filter: allOf(conditions), search: '', sort: 'name', direction: 'asc' } as const;
    await saveView(deps, { userId, scope: null, name, view, isShared: true });
  }
}

/** Contacts that get no marketing anyway leave at the next update. */
export async function leaveMarketing(deps: AccountDeps): Promise<void> {
  const facets = { $in: [`EMAIL:out-of-all:${northwind.id}`, `EMAIL:out-of-all:${fjell.id}`] };
  const found = await deps.models.contacts.collection

    .find({ facets, isMarketing: true }, { projection: { _id: 1 } })
    .sort({ addedKey: 1 })
    .limit(7)
    .toArray();
  const contactIds = found.map(({ _id }) => String(_id));
  await setMarketingStatus(deps, { contactIds, isMarketing: false, scope: null });
}

const step = (id: string, kind: string, input: object, paths?: [Step[], Step[]]): Step => ({
  ...{ id, kind, input },
  ...(paths ? { paths } : {}),
});

export const welcomeName = 'Welcome to Trail notes';

function welcomePlan({ partners, welcomed }: DemoLists): Plan {
  return {
    ...emptyPlan,
    trigger: { kind: 'EVENT', event: 'OPTED_IN', of: String(trailNotes.id), listId: '' },
    suppression: { listIds: [partners] },
    window: { days: [1, 2, 3, 4, 5, 6, 7], from: '08:00', to: '18:00', zone: 'Europe/Oslo' },
    steps: [
      step('greet', 'WAIT', { until: 'TIME', amount: 2, unit: 'DAYS' }),
      step('list', 'ADD_TO_LIST', { listId: welcomed }),
      step('week', 'WAIT', { until: 'TIME', amount: 1, unit: 'WEEKS' }),
      step('news', 'CONSENT', {
        ...{ channel: 'EMAIL', status: 'OPT_IN', typeId: productNews.id },
        ...{
          legalBasis: 'LEGITIMATE_INTEREST_CLIENT',
          explanation: 'Reads Trail notes, and asked for more.',
        },
      }),
      step('later', 'WAIT', { until: 'TIME', amount: 2, unit: 'WEEKS' }),
      step('gold', 'BRANCH', { filter: allOf([is('property', 'customer level', 'new')]) }, [
        [step('level', 'PROPERTY', { name: 'Customer level', value: 'Regular' })],
        [step('keep', 'MARKETING', { isMarketing: true })],
      ]),
    ],
  };
}

const bouncePlan: Plan = {
  ...emptyPlan,
  trigger: { kind: 'EVENT', event: 'HARD_BOUNCE', of: '', listId: '' },
  steps: [step('leave', 'MARKETING', { isMarketing: false })],
};

const seasonPlan: Plan = {
  ...emptyPlan,
  trigger: {
    kind: 'FILTER',
    filter: allOf([status(weekendLetters.id, 'NOT_SPECIFIED'), anyOf('language', 'nb', 'sv')]),
  },
  steps: [
    step('wait', 'WAIT', { until: 'WEEKDAY', days: [2], at: '09:00' }),
    step('link', 'SEND_LINK', { unitId: fjell.id }),
  ],
};

/** Which workflow, for which units, and whether it is published. */
export const demoWorkflows = {
  welcome: { name: welcomeName, unitIds: null, plan: welcomePlan, isActive: true },
  bounces: {
    name: 'Bounced: no marketing contact any more',
    unitIds: null,
    plan: () => bouncePlan,
    isActive: true,
  },
  season: {
    name: 'Ask hotel guests once more',
    unitIds: [fjell.id],
    plan: () => seasonPlan,
    isActive: false,
  },
} as const;

/** @param by the marketer, as `user:<id>` */
export async function makeWorkflow(
  deps: AccountDeps,
  of: keyof typeof demoWorkflows,
  { lists, by }: { lists: DemoLists; by: string },
): Promise<void> {
  const { name, unitIds, plan, isActive } = demoWorkflows[of];
  const id = await createWorkflow(deps, { name, unitIds: unitIds && [...unitIds], by });
  const audit = (detail: string) =>
    recordAudit(deps, {
      kind: 'WORKFLOW_CHANGED',
      by,
      about: `workflow:${id}`,
      detail: `“${name}”: ${detail}`,
    });
  await audit('created');
  await saveDraft(deps, await getWorkflow(deps, id, null), plan(lists));
  if (!isActive) return;
  await publish(deps, await getWorkflow(deps, id, null), { enrolsNow: false, moves: false, by });
  await audit('activated');
}

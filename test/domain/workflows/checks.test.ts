/** The checks of a review say only what is known: of the mail server, of the time that waits take, and of a workflow that starts itself. */
import { beforeEach, describe, expect, it } from 'vitest';
import { filterContext } from '../../../src/domain/contacts/find.js';
import { allOf, type Filter } from '../../../src/domain/filters/filter.js';
import { reviewChecks, type ReviewCheck } from '../../../src/domain/workflows/checks.js';
import { mostDepth } from '../../../src/domain/workflows/enrol.js';
import { emptyPlan, type Plan, type Step } from '../../../src/domain/workflows/plan.js';
import { newlyQueued } from '../../../src/models/queue.js';
import { openContactRoom } from '../../support/contact-room.js';
import { northwind, productNews, trailNotes } from '../../support/people.js';
import { consent, having, isCondition, onFilter, property, step, wait } from '../../support/workflow-room.js';

const room = await openContactRoom();
beforeEach(() => room.models.mails.deleteMany({}));

const lists = new Map([
  ['static', { id: 'static', name: 'Static', unitIds: null, filter: null }],
  [
    'asking',
    {
      ...{ id: 'asking', name: 'Asking', unitIds: null },
      filter: allOf([isCondition('status', String(trailNotes.id), 'IS', 'SUBSCRIBED')]),
    },
  ],
  ['active', { id: 'active', name: 'Active', unitIds: null, filter: having('Tier', 'gold') }],
]);

async function check(
  name: string,
  plan: Partial<Plan>,
  { smtpUrl = 'smtp://mail.example', sender = 'news@northwind.example', archived = [] as number[] } = {},
): Promise<ReviewCheck | undefined> {
  const context = await filterContext(room.contacts, null);
  const unit = context.catalogue.units.get(northwind.id);
  if (!unit) throw new Error('no unit');
  const units = new Map([[unit.id, { ...unit, senderAddress: sender }]]);
  const orderedTypes = context.catalogue.orderedTypes.map((type) => ({
    ...type,
    isActive: !archived.includes(type.id),
  }));
  const about = {
    ...context,
    catalogue: { ...context.catalogue, units, orderedTypes },
    lists,
    isPrivacyMode: false,
  };
  const asked = { plan: { ...emptyPlan, ...plan }, about, faults: [] };
  const checks = await reviewChecks({ models: room.models, config: { smtpUrl } }, asked);
  return checks.find((one) => one.name === name);
}

describe('the mail server', () => {
  const steps = [step('SEND_LINK', { unitId: northwind.id })];
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 12, minute));
  const mail = async (
    state: 'SENT' | 'UNKNOWN' | 'FAILED' | 'QUEUED',
    minute: number,
    attempts = 1,
    lastError = 'ECONNREFUSED',
  ) => {
    const of = {
      kind: 'PREFERENCES_LINK',
      subscriberId: 's',
      unitId: northwind.id,
      queuedBy: 'test',
    } as const;
    const absent = { typeId: null, pendingId: null, locale: null, messageId: null, priority: 1 } as const;
    const endedAt = state === 'QUEUED' ? null : at(minute);
    const queued = { ...newlyQueued(`${state}:${minute}`, at(minute)), state, attempts, endedAt };
    await room.models.mails.create({ ...queued, ...of, ...absent, lastError });
  };
  const outcome = async (...more: [Parameters<typeof check>[2]?]) =>
    (await check('MAIL', { steps }, ...more))?.outcome;

  it('is not checked for a plan that sends no mail', async () => {
    expect(await check('MAIL', { steps: [wait(1, 'DAYS')] })).toBeUndefined();
  });

  it('is not known before the first mail, and passes after an accepted one', async () => {
    expect(await outcome()).toBe('NOT_KNOWN');
    await mail('SENT', 5);
    expect(await check('MAIL', { steps })).toMatchObject({
      outcome: 'PASSED',
      detail: expect.stringContaining('12:05'),
    });
  });

  it.each(['UNKNOWN', 'FAILED', 'QUEUED'] as const)(
    'warns after a newer mail that is %s, and not after an older one',
    async (state) => {
      await mail('SENT', 5);
      await mail(state, 4);
      expect(await outcome()).toBe('PASSED');
      await mail(state, 6);
      expect(await outcome()).toBe('WARNING');
    },
  );

  it('does not warn of a mail whose recipient was refused', async () => {
    await mail('SENT', 5);
    await mail('FAILED', 6, 1, 'refused at RCPT TO: 550 5.1.1');
    expect(await outcome()).toBe('PASSED');
  });

  it('does not warn of a mail that was not tried yet', async () => {
    await mail('SENT', 5);
    await mail('QUEUED', 6, 0);
    expect(await outcome()).toBe('PASSED');
  });

  it('warns without a sender, and without a mail server', async () => {
    await mail('SENT', 5);
    expect(await outcome({ sender: '' })).toBe('WARNING');
    expect(await outcome({ smtpUrl: '' })).toBe('WARNING');
  });
});

describe('the time that a contact takes', () => {
  const branch = (paths: [Step[], Step[]]) => step('BRANCH', { filter: having('Tier', 'gold') }, paths);
  const weekday = step('WAIT', { until: 'WEEKDAY', days: [2], at: '09:00' });
  const birthday = step('WAIT', { until: 'PROPERTY', name: 'Birthday', at: '09:00' });
  it.each<{ steps: Step[]; words: RegExp }>([
    { steps: [property('A', '1')], words: /^No step waits\.$/ },
    { steps: [wait(90, 'MINUTES'), wait(1, 'HOURS')], words: /at most 3 hours\.$/ },
    {
      steps: [wait(3, 'DAYS'), weekday, branch([[wait(30, 'DAYS')], [wait(1, 'WEEKS')]])],
      words: /at most 40 days\.$/,
    },
    { steps: [birthday], words: /^Contacts wait until a date of their own\.$/ },
    { steps: [wait(3, 'DAYS'), branch([[], [birthday]])], words: /at most 3 days\. In addition, .* date/ },
  ])('is the sum of the waits on the longest path: $words', async ({ steps, words }) => {
    expect((await check('END', { steps }))?.detail).toMatch(words);
  });
});

describe('a workflow that starts itself', () => {
  const event = (name: string, of = '', listId = '') => ({ kind: 'EVENT', event: name, of, listId }) as const;
  const subscribed = (type: number) => allOf([isCondition('status', String(type), 'IS', 'SUBSCRIBED')]);
  const onList = (id: string): Filter => allOf([isCondition('list', '', 'IS', id)]);
  const add = step('ADD_TO_LIST', { listId: 'static' });
  const optOut = consent('OPT_OUT');
  it.each<{ trigger: Plan['trigger']; steps: Step[]; outcome: 'PASSED' | 'WARNING' }>([
    { trigger: onFilter(having('Tier', 'gold')), steps: [property('tier', 'x')], outcome: 'WARNING' },
    { trigger: onFilter(having('Tier', 'gold')), steps: [property('other', 'x')], outcome: 'PASSED' },
    { trigger: onFilter(onList('active')), steps: [property('Tier', 'x')], outcome: 'WARNING' },
    { trigger: onFilter(onList('static')), steps: [add], outcome: 'WARNING' },
    { trigger: onFilter(onList('active')), steps: [add], outcome: 'PASSED' },
    { trigger: onFilter(subscribed(trailNotes.id)), steps: [optOut], outcome: 'WARNING' },
    { trigger: onFilter(subscribed(productNews.id)), steps: [optOut], outcome: 'PASSED' },
    { trigger: event('OPTED_OUT', String(trailNotes.id)), steps: [optOut], outcome: 'WARNING' },
    { trigger: event('OPTED_OUT'), steps: [optOut], outcome: 'WARNING' },
    { trigger: event('OPTED_IN'), steps: [optOut], outcome: 'PASSED' },
    { trigger: event('ADDED_TO_LIST', '', 'static'), steps: [add], outcome: 'WARNING' },
    { trigger: event('ADDED_TO_LIST', '', 'other'), steps: [add], outcome: 'PASSED' },
    { trigger: event('CREATED'), steps: [add], outcome: 'PASSED' },
    {
      trigger: onFilter(allOf([isCondition('marketing', '', 'IS', 'no')])),
      steps: [step('MARKETING', { isMarketing: true })],
      outcome: 'WARNING',
    },
    { trigger: { kind: 'BY_HAND' }, steps: [add], outcome: 'PASSED' },
  ])('is told by what its steps change: $outcome of $trigger', async ({ trigger, steps, outcome }) => {
    const again = await check('SELF_START', { trigger, steps, enrolsAgain: true });
    expect(again?.outcome).toBe(outcome);
    if (outcome === 'WARNING') expect(again?.detail).toContain(String(mostDepth));
    expect((await check('SELF_START', { trigger, steps }))?.outcome).toBe('PASSED');
  });
});

describe('an archived subscription type', () => {
  const asking = allOf([isCondition('status', String(trailNotes.id), 'IS', 'SUBSCRIBED')]);
  it.each<{ where: string; plan: Partial<Plan> }>([
    { where: 'the filter of the trigger', plan: { trigger: onFilter(asking) } },
    {
      where: 'the event of the trigger',
      plan: { trigger: { kind: 'EVENT', event: 'OPTED_IN', of: String(trailNotes.id), listId: '' } },
    },
    {
      where: 'an active list',
      plan: { trigger: onFilter(allOf([isCondition('list', '', 'IS', 'asking')])) },
    },
    { where: 'the goal', plan: { goal: asking } },
    { where: 'a list whose members are never enrolled', plan: { suppression: { listIds: ['asking'] } } },
    { where: 'a branch', plan: { steps: [step('BRANCH', { filter: asking }, [[], []])] } },
  ])('in $where is a warning, which names it', async ({ plan }) => {
    expect(await check('ARCHIVED_TYPES', plan)).toBeUndefined();
    expect(await check('ARCHIVED_TYPES', plan, { archived: [trailNotes.id] })).toMatchObject({
      outcome: 'WARNING',
      text: expect.stringContaining(trailNotes.name),
    });
  });

  it.each<{ what: string; plan: Partial<Plan> }>([
    {
      what: 'another type',
      plan: { trigger: onFilter(allOf([isCondition('status', String(productNews.id), 'IS', 'SUBSCRIBED')])) },
    },
    {
      what: 'its opt-outs, which still happen',
      plan: { trigger: { kind: 'EVENT', event: 'OPTED_OUT', of: String(trailNotes.id), listId: '' } },
    },
    {
      what: 'who set its status, which is still known',
      plan: { goal: allOf([isCondition('status-by', String(trailNotes.id), 'IS', 'CONTACT')]) },
    },
  ])('is not named if the workflow asks for $what', async ({ plan }) => {
    expect(await check('ARCHIVED_TYPES', plan, { archived: [trailNotes.id] })).toBeUndefined();
  });
});

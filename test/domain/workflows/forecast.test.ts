/** What the review of a workflow counts: contacts that meet the trigger, and those that its steps skip or set to marketing. */
import { expect, it } from 'vitest';
import { addToList } from '../../../src/domain/lists/members.js';
import { createList } from '../../../src/domain/lists/lists.js';
import { setMarketingStatus, updateBatch } from '../../../src/domain/marketing/status.js';
import { forecast, type Forecast } from '../../../src/domain/workflows/forecast.js';
import { aboutWorkflow } from '../../../src/domain/workflows/published.js';
import {
  createWorkflow,
  editDraft,
  publish,
  saveDraft,
  shownPlan,
} from '../../../src/domain/workflows/workflows.js';
import { emptyPlan, type Plan } from '../../../src/domain/workflows/plan.js';
import type { Workflow } from '../../../src/models/workflow.js';
import { actors } from '../../support/judge.js';
import { trailNotes } from '../../support/people.js';
import { consent, having, onFilter, openWorkflowRoom, peopleIn, step } from '../../support/workflow-room.js';

const room = await openWorkflowRoom();
const { somebody } = peopleIn(room);

async function forecastOf(workflow: Workflow): Promise<Forecast> {
  const [plan, about] = await Promise.all([
    shownPlan(room.run, workflow),
    aboutWorkflow(room.run, workflow.unitIds),
  ]);
  return forecast(room.run, { workflow, plan, about });
}

const numbersOf = ({ meets, suppressed, enrolled, concerned }: Forecast) => ({
  ...{ meets: meets?.count.count, suppressed: suppressed?.count.count, enrolled: enrolled?.count },
  concerned: concerned.map(({ effect, number, isAtMost, count }) => [effect, number, isAtMost, count.count]),
});

it('counts who meets the trigger, who was enrolled before, and whom each step skips or sets to marketing', async () => {
  const made = await createList(room.run, {
    ...{ name: 'Testers', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
  });
  if ('faults' in made) expect.fail('the list was refused');
  const people = [await somebody('gold'), await somebody('gold'), await somebody('gold')];
  const [, out, tester] = people;
  await somebody('silver');
  await room.act(out?.subscribers.EMAIL ?? '', actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
  await addToList(room.run, { list: made.list, contactIds: [tester?._id ?? ''], scope: null });
  await room.work();
  const toMarketing = (isMarketing: boolean) => step('MARKETING', { isMarketing });
  const plan: Plan = {
    ...{ ...emptyPlan, trigger: onFilter(having('tier', 'gold')), suppression: { listIds: [made.list._id] } },
    steps: [
      consent('OPT_IN'),
      toMarketing(true),
      step('BRANCH', { filter: having('tier', 'gold') }, [[toMarketing(false)], []]),
    ],
  };
  const _id = await createWorkflow(room.run, { name: 'Welcome', unitIds: null, by: 'user:1' });
  const workflow = () => room.the({ _id });
  await saveDraft(room.run, await workflow(), plan);
  // The tester is on the list: no step concerns it. All are marketing contacts.
  const concerned = [
    ['SKIPPED', 1, false, 1],
    ['TO_MARKETING', 2, false, 0],
    ['FROM_MARKETING', 4, true, 2],
  ];
  const first = { meets: 3, suppressed: 1, enrolled: undefined, concerned };
  expect(numbersOf(await forecastOf(await workflow()))).toEqual(first);
  const contactIds = people.map((contact) => contact._id);
  await setMarketingStatus(room.run, { contactIds, isMarketing: false, scope: null });
  await updateBatch(room.run, { before: new Date('2100-01-01T00:00:00Z'), guard: () => undefined });
  expect(numbersOf(await forecastOf(await workflow())).concerned).toEqual([
    ...[concerned[0], ['TO_MARKETING', 2, false, 2], ['FROM_MARKETING', 4, true, 0]],
  ]);
  await publish(room.run, await workflow(), { enrolsNow: true, moves: false, by: 'user:1' });
  await room.runJobs();
  await editDraft(room.run, await workflow());
  expect(numbersOf(await forecastOf(await workflow()))).toMatchObject({ meets: 3, enrolled: 2 });
  // An event can happen to every contact, so the numbers are at most those of all.
  const event = { kind: 'EVENT', event: 'CREATED', of: '', listId: '' } as const;
  await saveDraft(room.run, await workflow(), { ...plan, trigger: event });
  const ofEvent = await forecastOf(await workflow());
  expect(ofEvent).toMatchObject({ meets: null, suppressed: null, enrolled: null });
  expect(ofEvent.concerned.map(({ isAtMost }) => isAtMost)).toEqual([true, true, true]);
}, 20_000);

/** Steps of workflows: each takes effect once, also if workers are killed, and the rules of consent decide. */
import { createServer } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { allOf } from '../../../src/domain/filters/filter.js';
import { createList } from '../../../src/domain/lists/lists.js';
import { addToList } from '../../../src/domain/lists/members.js';
import { emptyPlan } from '../../../src/domain/workflows/plan.js';
import { aboutWorkflow } from '../../../src/domain/workflows/published.js';
import { newWebhookSecret } from '../../../src/domain/webhooks/post.js';
import { tryOut } from '../../../src/domain/workflows/try-out.js';
import { listening } from '../../support/close-afterwards.js';
import { crashing } from '../../support/crashing.js';
import { actors } from '../../support/judge.js';
import { northwind, trailNotes } from '../../support/people.js';
import {
  consent,
  gold,
  isCondition,
  openWorkflowRoom,
  peopleIn,
  property,
  step,
  wait,
} from '../../support/workflow-room.js';

const room = await openWorkflowRoom();
beforeEach(() => room.reset());

const { somebody, becomes, statesOf, greeted } = peopleIn(room);

describe('steps', () => {
  it('never opts in a contact that opted out before, and goes on with it', async () => {
    const workflow = await room.workflow({ ...gold, steps: [consent('OPT_IN'), property('Greeted', 'yes')] });
    const contact = await somebody();
    const id = contact.subscribers.EMAIL ?? '';
    await room.act(id, actors.workflow, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await becomes(contact, 'gold');
    await room.work();
    const [enrolment] = await room.enrolments(workflow);
    expect(enrolment?.path.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['SKIPPED', 'PREVIOUSLY_OPTED_OUT'],
      ['DONE', undefined],
    ]);
    expect((await room.history(id)).subscriber.subscriptions).toEqual({});
  });

  it('skips an opt-in once if the contact opts out during the wait before it', async () => {
    const workflow = await room.workflow({ ...gold, steps: [wait(1, 'DAYS'), consent('OPT_IN')] });
    const contact = await somebody('gold');
    const id = contact.subscribers.EMAIL ?? '';
    await room.work();
    await room.act(id, actors.oneClick, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id });
    room.setTime(new Date('2026-03-03T12:00:00Z'));
    await room.work();
    await room.work();
    room.setTime(new Date('2026-03-02T12:00:00Z'));
    const [enrolment] = await room.enrolments(workflow);
    expect(enrolment).toMatchObject({ state: 'DONE', path: [{ outcome: 'DONE' }, { outcome: 'SKIPPED' }] });
  });

  it('records the step in the event, and opts in once although the worker is killed anywhere', async () => {
    const steps = [
      consent('OPT_IN'),
      property('Greeted', 'yes'),
      step('SEND_LINK', { unitId: northwind.id }),
    ];
    const workflow = await room.workflow({ ...gold, steps });
    const contact = await somebody('gold');
    const id = contact.subscribers.EMAIL ?? '';
    let kills = 0;
    for (let writes = 0; ; writes++) {
      const isDone = await room.work({ models: crashing(room.models, writes % 7) }).then(
        () => true,
        () => false,
      );
      await room.endLeases();
      // A step whose write failed waits for its next attempt.
      room.setTime(new Date(room.run.clock().getTime() + 3_600_000));
      kills += 1;
      const [enrolment] = await room.enrolments(workflow);
      if (isDone && enrolment?.state === 'DONE') break;
      if (kills > 60) expect.fail('the workflow does not come to its end');
    }
    room.setTime(new Date('2026-03-02T12:00:00Z'));
    const [enrolment] = await room.enrolments(workflow);
    expect(enrolment?.path.map(({ outcome }) => outcome)).toEqual(['DONE', 'DONE', 'DONE']);
    const { events } = await room.history(id);
    const own = events.filter(({ actor }) => actor.kind === 'WORKFLOW');
    expect(own.map(({ actor }) => actor.ref)).toEqual([`workflow:${enrolment?._id}:${steps[0]?.id}`]);
    expect(await room.models.mails.countDocuments({ kind: 'PREFERENCES_LINK' })).toBe(1);
    expect(await greeted(contact)).toBe('yes');
  });

  it('does not set a property again after a cut-off attempt, if somebody has changed it since', async () => {
    const workflow = await room.workflow(gold);
    const contact = await somebody('gold');
    await room.work();
    expect(await greeted(contact)).toBe('yes');
    const [done] = await room.enrolments(workflow);
    const now = await room.stored(contact._id);
    await room.edit(now ?? contact, { properties: { Tier: 'gold', Greeted: 'by hand' } });
    // As if the worker had been killed between the contact and the enrolment.
    const first = gold.steps?.[0]?.id ?? '';
    await room.models.enrolments.updateOne(
      { _id: done?._id ?? '' },
      {
        $set: {
          state: 'ACTIVE',
          step: first,
          path: [],
          endedAt: null,
          attempts: 1,
          leasedUntil: new Date(0),
        },
      },
    );
    await room.work();
    expect(await greeted(contact)).toBe('by hand');
  });

  it('branches by a filter, and the two paths do not join again', async () => {
    const branch = step('BRANCH', { filter: allOf([isCondition('language', '', 'IS', 'nb')]) }, [
      [property('Way', 'yes')],
      [property('Way', 'no')],
    ]);
    const workflow = await room.workflow({ ...gold, steps: [branch] });
    const contact = await room.contact({
      ...{ email: 'kari@example.com', locale: 'nb', unitIds: [northwind.id], properties: { Tier: 'gold' } },
    });
    const other = await somebody('gold');
    await room.work();
    expect(await statesOf(workflow)).toEqual(['DONE', 'DONE']);
    expect((await room.stored(contact._id))?.properties['Way']).toBe('yes');
    expect((await room.stored(other._id))?.properties['Way']).toBe('no');
  });

  it('is tried after six hours at the latest, although the receiver of a webhook asks for years', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(503, { 'retry-after': '99999999999999' }).end();
    });
    const port = await listening(server);
    const { sealed } = newWebhookSecret(room.run.config);
    const url = `http://127.0.0.1:${port}/hook`;
    const workflow = await room.workflow({ ...gold, steps: [step('WEBHOOK', { url, secret: sealed })] });
    await somebody('gold');
    await room.work();
    const [enrolment] = await room.enrolments(workflow);
    expect(enrolment).toMatchObject({ lastError: 'HTTP 503', dueAt: new Date('2026-03-02T18:00:00Z') });
  });

  it('a test with one contact says that the contact is on a list whose members are never enrolled', async () => {
    const made = await createList(room.run, {
      ...{ name: 'Never', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
    });
    const list = 'list' in made ? made.list._id : '';
    const plan = { ...emptyPlan, ...gold, suppression: { listIds: [list] } };
    const workflow = await room.workflow(plan);
    const about = await aboutWorkflow(room.run, null);
    const contact = await somebody('gold');
    const entryOf = async () =>
      (await tryOut(room.run, { workflow, plan, about }, (await room.stored(contact._id)) ?? contact))[0];
    const before = await entryOf();
    await addToList(room.run, { list: { _id: list, unitIds: null }, scope: null, contactIds: [contact._id] });
    expect((await entryOf())?.sentence).not.toBe(before?.sentence);
  });

  it('runs actions in the time window only', async () => {
    const window = { days: [1, 2, 3, 4, 5], from: '14:00', to: '16:00', zone: 'UTC' };
    const workflow = await room.workflow({ ...gold, window });
    const contact = await somebody('gold');
    await room.work();
    expect((await room.enrolments(workflow))[0]?.dueAt).toEqual(new Date('2026-03-02T14:00:00Z'));
    room.setTime(new Date('2026-03-02T14:00:00Z'));
    await room.work();
    room.setTime(new Date('2026-03-02T12:00:00Z'));
    expect(await greeted(contact)).toBe('yes');
  });
});

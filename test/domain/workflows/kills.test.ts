/**
 * Workers that are killed at each of their writes: between a contact and the change feed, between the feed and the enrolment, within a step, and within
 * a job. Nobody is missed, and nothing takes effect twice. Also waits over a change of clocks, and workflows whose units were changed.
 */
import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { setMarketingStatus } from '../../../src/domain/marketing/status.js';
import { runDueJobs } from '../../../src/jobs/engine.js';
import { wantedOf } from '../../../src/jobs/kind.js';
import { enrolContacts } from '../../../src/jobs/kinds/enrol.js';
import { marketingUpdate, setMarketing } from '../../../src/jobs/kinds/marketing.js';
import { steppersOf } from '../../../src/jobs/registry.js';
import { noMetrics } from '../../../src/metrics.js';
import type { Contact } from '../../../src/models/contact.js';
import { queueJob, type WantedJob } from '../../../src/models/job.js';
import type { Workflow } from '../../../src/models/workflow.js';
import { jobDepsOf } from '../../support/bulk-room.js';
import { crashing } from '../../support/crashing.js';
import { worldWith } from '../../support/judge.js';
import { fjell, northwind, types, units } from '../../support/people.js';
import {
  consent,
  gold,
  openWorkflowRoom,
  peopleIn,
  property,
  step,
  wait,
} from '../../support/workflow-room.js';

const noon = new Date('2026-03-02T12:00:00Z');
const room = await openWorkflowRoom();
beforeEach(async () => {
  await room.reset();
  await room.models.jobChunks.deleteMany({});
  room.setCatalogue(worldWith());
  room.setTime(noon);
});

const { somebody, greeted } = peopleIn(room);
const later = (ms: number) => room.setTime(new Date(room.run.clock().getTime() + ms));
const hour = 3_600_000;

/** For each write of a worker: a new contact, a worker that is killed before that write, and one that finishes. @returns how many writes there are */
async function atEachWrite(check: (contact: Contact) => Promise<void>): Promise<number> {
  for (let writes = 0; ; writes++) {
    const contact = await somebody('gold');
    const isWhole = await room.work({ models: crashing(room.models, writes) }).then(
      () => true,
      () => false,
    );
    await room.endLeases();
    // A step that failed is tried again later.
    later(hour);
    await room.work();
    await check(contact);
    if (isWhole) return writes;
  }
}
const enrolmentsOf = async (workflow: Workflow, { _id }: Contact) =>
  (await room.enrolments(workflow)).filter(({ contactId }) => contactId === _id);

describe('a worker that is killed', () => {
  it('between a contact and the feed, or the feed and the enrolment, misses no contact and enrols none twice', async () => {
    const workflow = await room.workflow({ ...gold, enrolsAgain: true });
    const writes = await atEachWrite(async (contact) => {
      expect(await enrolmentsOf(workflow, contact)).toMatchObject([{ state: 'DONE' }]);
      expect(await greeted(contact)).toBe('yes');
      const entries = await room.changesOf(contact._id);
      expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length);
    });
    // The entries, the marks, the cursors, the standing, the enrolment, and its step.
    expect(writes).toBeGreaterThan(7);
  });

  it('in a step that sets the marketing contact status, sets it, and goes on', async () => {
    const steps = [step('MARKETING', { isMarketing: false }), property('Greeted', 'yes')];
    const workflow = await room.workflow({ ...gold, steps });
    await atEachWrite(async (contact) => {
      const [enrolment, ...others] = await enrolmentsOf(workflow, contact);
      expect(others).toEqual([]);
      expect(enrolment?.path.map(({ outcome }) => outcome)).toEqual(['DONE', 'DONE']);
      expect(await room.stored(contact._id)).toMatchObject({ isMarketing: true });
      expect((await room.stored(contact._id))?.leavesMarketingSince).toBeInstanceOf(Date);
    });
  });
});

describe('a job that is killed at any write', () => {
  /** Runs a job of this kind for each of its writes, with a worker that is killed before that write, and one that finishes. */
  async function killed(
    wanted: (run: number) => Promise<Pick<WantedJob, 'kind' | 'input'>>,
    check: (run: number) => Promise<void>,
  ): Promise<void> {
    for (let run = 0; run < 4; run++) {
      const id = `job-${run}`;
      later(60_000);
      await queueJob(room.run, { id, ...(await wanted(run)), scope: null, notBefore: new Date(0) });
      for (const models of [crashing(room.models, run), room.models]) {
        const deps = { models: room.models, log: pino({ level: 'silent' }), metrics: noMetrics };
        await runDueJobs({ ...deps, steppers: steppersOf({ ...jobDepsOf(room), models }) });
        await room.models.jobs.updateMany({ _id: id, state: 'QUEUED' }, { $set: { dueAt: new Date(0) } });
      }
      expect(await room.models.jobs.findById(id).lean()).toMatchObject({ state: 'DONE' });
      await check(run);
    }
  }
  const crowd = () => Promise.all(Array.from({ length: 5 }, () => somebody()));
  const selection = { kind: 'FILTER' as const, filter: { any: [] }, search: '' };
  const countsOf = async (run: number) => (await room.models.jobs.findById(`job-${run}`).lean())?.counts;

  it('sets all contacts to marketing or non-marketing', async () => {
    await crowd();
    const isLeaving = (run: number) => run % 2 === 0;
    await killed(
      async (run) => wantedOf(setMarketing, { selection, isMarketing: !isLeaving(run) }),
      async (run) => {
        const { contacts } = room.models;
        expect(await contacts.countDocuments({ facets: 'until-update:yes' })).toBe(isLeaving(run) ? 5 : 0);
        const counts = await countsOf(run);
        expect((counts?.changed ?? 0) + (counts?.unchanged ?? 0)).toBe(5);
      },
    );
  });

  it('updates all marketing contacts that are to leave', async () => {
    const contactIds = (await crowd()).map(({ _id }) => _id);
    const { contacts } = room.models;
    await killed(
      async (run) => {
        for (const isMarketing of [true, false])
          await setMarketingStatus(room.run, { contactIds, isMarketing, scope: null });
        const before = new Date(room.run.clock().getTime() + hour).toISOString();
        return wantedOf(marketingUpdate, { month: `2026-0${run + 1}`, before });
      },
      async () => {
        expect(await contacts.countDocuments({ isMarketing: false, leavesMarketingSince: null })).toBe(5);
        expect(await contacts.countDocuments({ facets: 'marketing:no' })).toBe(5);
      },
    );
  });

  it('enrols each contact by hand once', async () => {
    const workflow = await room.workflow({ ...gold, enrolsAgain: true, steps: [property('Greeted', 'yes')] });
    const contacts = await crowd();
    await killed(
      async () => wantedOf(enrolContacts, { selection, workflowId: workflow._id, name: 'Welcome' }),
      async (run) => {
        await room.work();
        expect(await room.enrolments(workflow)).toHaveLength(contacts.length * (run + 1));
        expect(await countsOf(run)).toMatchObject({ changed: contacts.length, unchanged: 0, refused: 0 });
      },
    );
  });
});

describe('a wait until 02:30 on a Sunday in Oslo', () => {
  it.each([
    ['that the clocks skip', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['that occurs twice', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z'],
  ])('%s is over once', async (_, now, moment) => {
    room.setCatalogue(catalogueOf([...units], [...types], false, { timeZone: 'Europe/Oslo' }));
    room.setTime(new Date(now));
    const until = step('WAIT', { until: 'WEEKDAY', days: [7], at: '02:30' });
    const workflow = await room.workflow({
      ...gold,
      enrolsAgain: true,
      steps: [until, property('Greeted', 'yes')],
    });
    const contact = await somebody('gold');
    await room.work();
    room.setTime(new Date(Date.parse(moment) - 1000));
    await room.work();
    expect(await greeted(contact)).toBeUndefined();
    for (const after of [0, hour, 24 * hour, 7 * 24 * hour]) {
      room.setTime(new Date(Date.parse(moment) + after));
      await Promise.all([room.work(), room.work()]);
    }
    const [enrolment, ...others] = await room.enrolments(workflow);
    expect(others).toEqual([]);
    expect(enrolment?.path.map(({ at }) => at.toISOString())).toEqual(
      [0, 0].map(() => new Date(moment).toISOString()),
    );
    expect((await room.changesOf(contact._id)).filter(({ event }) => 'by' in event && event.by)).toHaveLength(
      1,
    );
  });
});

it('a workflow whose units are changed later reaches no contact and no type outside them', async () => {
  const steps = [wait(1, 'DAYS'), consent('OPT_IN')];
  const workflow = await room.workflow({ ...gold, steps });
  const [inside, outside] = [await somebody('gold', [northwind.id, fjell.id]), await somebody('gold')];
  await room.work();
  await room.models.workflows.updateOne({ _id: workflow._id }, { $set: { unitIds: [fjell.id] } });
  later(25 * hour);
  await room.work();
  expect(await enrolmentsOf(workflow, outside)).toMatchObject([{ state: 'LEFT', reason: 'OTHER_UNIT' }]);
  expect(await enrolmentsOf(workflow, inside)).toMatchObject([
    { state: 'DONE', path: [{ outcome: 'DONE' }, { outcome: 'SKIPPED' }] },
  ]);
  for (const { subscribers } of [inside, outside])
    expect((await room.history(subscribers.EMAIL ?? '')).events).toEqual([]);
});

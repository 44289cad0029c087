/** The pages of jobs: what they show of each state, what may be done, and the live progress. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { jobChunkKey } from '../../../src/models/job-chunk.js';
import { noCounts, queueJob } from '../../../src/models/job.js';
import type { Job } from '../../../src/models/job.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { refusalWords } from '../../../src/vocabulary/words.js';
import { openTestPortal } from '../../support/app.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');
const auditor = await signedIn(portal, 'auditor');

const edit = {
  selection: { kind: 'IDS', ids: ['one'] },
  hasOptOutOfAllRemoved: false,
  legalBasis: null,
  processingBasis: null,
  channel: 'EMAIL',
  typeIds: [trailNotes.id],
  status: 'OPT_OUT',
  explanation: 'They asked at the fair.',
};
const previewed = {
  state: 'WAITING',
  phase: 'PREVIEW',
  total: 1240,
  done: 1240,
  preview: {
    changed: 1100,
    unchanged: 90,
    refused: 50,
    byCode: { PREVIOUSLY_OPTED_OUT: 48, NO_ADDRESS: 2 },
  },
} as const;

let made = 0;

/** A job in some state, as the worker would leave it. */
async function jobIn(fields: Partial<Job>, about: { kind?: string; scope?: Scope } = {}): Promise<string> {
  made += 1;
  const id = `job-${made}`;
  await queueJob(portal.deps, {
    id,
    kind: about.kind ?? 'BULK_EDIT',
    input: edit,
    requestedBy: marketer.user._id,
    scope: about.scope ?? null,
  });
  await portal.deps.models.jobs.updateOne({ _id: id }, { $set: fields });
  return id;
}

const stateOf = async (id: string) => (await portal.deps.models.jobs.findById(id).lean())?.state;

describe('a job’s page', () => {
  it('says what was requested, by which user, and what would change, before anything changes', async () => {
    const page = await marketer.open(adminPaths.job(await jobIn(previewed)));
    expect(page.text).toContain('To be confirmed');
    expect(page.text).toContain('Nothing has changed yet.');
    expect(page.text).toContain('Opt out: Trail notes');
    expect(page.text).toContain('They asked at the fair.');
    expect(page.text).toContain(marketer.user.name);
    expect(page.text).toMatch(/Will change 1,100 .*Will not change 90 .*refused 50/);
    expect(page.text).toMatch(
      /Opted out, and there is no later consent\. 48 Has no address in this channel\. 2/,
    );
  });

  it('starts the job after confirmation, and a second press changes nothing', async () => {
    const id = await jobIn(previewed);
    const page = await marketer.open(adminPaths.job(id));
    const after = await marketer.press(page, /^Change 1,100 contacts$/);
    expect(after.text).toContain('Confirmed.');
    expect(await stateOf(id)).toBe('QUEUED');
    const again = await marketer.press(page, /^Change 1,100 contacts$/);
    expect(again.status).toBe(200);
    const entries = await portal.deps.models.auditEntries.find({ about: `job:${id}` }).lean();
    expect(entries.map(({ kind, by }) => ({ kind, by }))).toEqual([
      { kind: 'JOB_CHANGED', by: `user:${marketer.user._id}` },
    ]);
  });

  it('has no confirm button where nothing would change', async () => {
    const preview = { changed: 0, unchanged: 3, refused: 0, byCode: {} };
    const page = await marketer.open(adminPaths.job(await jobIn({ ...previewed, preview })));
    expect(page.text).not.toMatch(/Change \d/);
    expect(page.text).toContain('Cancel the job');
  });

  it('has a progress bar while the job runs, and reloads without a script', async () => {
    const id = await jobIn({ state: 'RUNNING', phase: 'RUN', total: 5000, done: 2250 });
    const page = await marketer.open(adminPaths.job(id));
    expect(page.text).toContain('2,250 of 5,000 contacts, 45 %');
    expect(page.html).toMatch(/<progress max="100" value="45"/);
    expect(page.html).toContain('<noscript><meta http-equiv="refresh" content="2"></noscript>');
  });

  it('says why a job failed for good, and retries it', async () => {
    const id = await jobIn({ state: 'DEAD', phase: 'RUN', lastError: 'Error: no way' });
    const page = await marketer.open(adminPaths.job(id));
    expect(page.text).toContain('Error: no way');
    await marketer.press(page, /Try again/);
    expect(await stateOf(id)).toBe('QUEUED');
  });

  it('cancels a job, and says that finished work stays', async () => {
    const counts = { ...noCounts(), changed: 500 };
    const id = await jobIn({ state: 'RUNNING', phase: 'RUN', total: 5000, done: 500, counts });
    const page = await marketer.press(await marketer.open(adminPaths.job(id)), /Cancel the job/);
    expect(await stateOf(id)).toBe('CANCELLED');
    expect(page.text).toContain('Finished work stays: 500 contacts changed.');
  });

  it('shows an auditor everything without buttons', async () => {
    const id = await jobIn(previewed);
    const page = await auditor.open(adminPaths.job(id));
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('Cancel the job');
    expect((await auditor.post(adminPaths.jobConfirmations(id), {})).status).toBe(403);
    expect(await stateOf(id)).toBe('WAITING');
  });

  it('is only for users who reach everything that the job reaches', async () => {
    const limited = await signedIn(portal, 'marketer', [northwind.id]);
    const own = await jobIn(previewed, { scope: [northwind.id] });
    const wider = await jobIn(previewed, { scope: [northwind.id, fjell.id] });
    const all = await jobIn(previewed);
    expect((await limited.open(adminPaths.job(own))).status).toBe(200);
    for (const id of [wider, all]) {
      expect((await limited.open(adminPaths.job(id))).status).toBe(404);
      expect((await limited.post(adminPaths.jobCancellations(id), {})).status).toBe(404);
      expect((await limited.ask('GET', adminPaths.jobProgress(id))).status).toBe(404);
    }
    const list = await limited.open(adminPaths.jobs());
    expect(list.html).toContain(adminPaths.job(own));
    expect(list.html).not.toContain(adminPaths.job(wider));
  });
});

describe('the list of jobs', () => {
  it('is newest first, by state and kind, in pages', async () => {
    const lone = await openTestPortal();
    const admin = await signedIn(lone, 'admin');
    expect((await admin.open(adminPaths.jobs())).html).toContain('empty-state');
    for (let count = 0; count < 55; count++) {
      lone.advance(1000);
      await queueJob(lone.deps, {
        id: `list-${count}`,
        kind: count % 2 ? 'SEND_LINKS' : 'BULK_EDIT',
        input: edit,
        scope: null,
      });
    }
    const first = await admin.open(adminPaths.jobs());
    const idsOn = (html: string) => [...html.matchAll(/\/admin\/jobs\/(list-\d+)"/g)].map(([, id]) => id);
    expect(idsOn(first.html)).toHaveLength(50);
    expect(idsOn(first.html)[0]).toBe('list-54');
    const older =
      /rel="next" href="([^"]+)"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=') ??
      '';
    expect(idsOn((await admin.open(older)).html)).toEqual(['list-4', 'list-3', 'list-2', 'list-1', 'list-0']);
    const links = await admin.open(adminPaths.jobs('kind=SEND_LINKS'));
    expect(idsOn(links.html)).toHaveLength(27);
    expect((await admin.open(adminPaths.jobs('state=DEAD'))).text).toContain('No jobs here');
  });
});

describe('the live progress of a job', () => {
  /** Reads events until one matches, and disconnects. */
  async function eventsOf(
    visitor: StaffVisitor,
    id: string,
    isLast: (text: string) => boolean,
  ): Promise<string> {
    const left = new AbortController();
    const response = await fetch(portal.url + adminPaths.jobProgress(id), {
      headers: { cookie: visitor.cookie() },
      signal: left.signal,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (isLast(text)) break;
    }
    left.abort();
    return text;
  }

  it('reports each step of a job, and ends when the job ends', async () => {
    const id = await jobIn({ state: 'RUNNING', phase: 'RUN', total: 1000, done: 100 });
    const told = eventsOf(auditor, id, () => false);
    await new Promise((resolve) => setTimeout(resolve, 700));
    await portal.deps.models.jobs.updateOne({ _id: id }, { $set: { done: 600 } });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await portal.deps.models.jobs.updateOne({ _id: id }, { $set: { done: 1000, state: 'DONE' } });
    const steps = [...(await told).matchAll(/data: (.*)/g)].map(([, data = '']): unknown => JSON.parse(data));
    expect(steps).toEqual([
      { step: 'RUNNING-RUN', percent: 10, words: '100 of 1,000 contacts, 10 %' },
      { step: 'RUNNING-RUN', percent: 60, words: '600 of 1,000 contacts, 60 %' },
      { step: 'DONE-RUN', percent: 100, words: '1,000 of 1,000 contacts, 100 %' },
    ]);
  });

  it('ends within seconds of the session’s end', async () => {
    const leaving = await signedIn(portal, 'support');
    const id = await jobIn({ state: 'RUNNING', phase: 'RUN', total: 1000, done: 100 });
    const told = eventsOf(leaving, id, () => false);
    await leaving.press(await leaving.open(adminPaths.jobs()), /Sign out/);
    expect(await told).toContain('"percent":10');
  }, 15_000);

  it('limits the connections of one user', async () => {
    const busy = await signedIn(portal, 'support');
    const id = await jobIn({ state: 'RUNNING', phase: 'RUN', total: 1000, done: 100 });
    const left = new AbortController();
    const open = () =>
      fetch(portal.url + adminPaths.jobProgress(id), {
        headers: { cookie: busy.cookie() },
        signal: left.signal,
      });
    const answers = [];
    for (let count = 0; count < 9; count++) answers.push(await open());
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(8).fill(200), 503]);
    left.abort();
  });

  it('does not delay a process that stops', async () => {
    const brief = await openTestPortal();
    const admin = await signedIn(brief, 'admin');
    await queueJob(brief.deps, { id: 'slow', kind: 'BULK_EDIT', input: edit, scope: null });
    const response = await fetch(brief.url + adminPaths.jobProgress('slow'), {
      headers: { cookie: admin.cookie() },
    });
    const began = performance.now();
    await Promise.all([brief.stop(), response.text()]);
    expect(performance.now() - began).toBeLessThan(1900);
  });
});

it('a job’s result file has a row for each contact, is audited, and contains no formula', async () => {
  const id = await jobIn({ state: 'DONE', phase: 'RUN', total: 1, done: 1 });
  await portal.deps.models.jobChunks.create({
    _id: jobChunkKey(id, 0),
    jobId: id,
    ids: ['gone'],
    state: 'DONE',
    fence: 1,
    rows: [{ contactId: 'gone', subscriberId: null, outcomes: ['NO_CONTACT'] }],
    counts: noCounts(),
    at: new Date(),
  });
  const page = await auditor.open(adminPaths.job(id));
  const file = await auditor.press(page, /Download row by row/);
  expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="job-[\d-]+\.csv"$/);
  expect(file.html).toContain(refusalWords.NO_CONTACT);
  expect(await portal.deps.models.auditEntries.countDocuments({ kind: 'EXPORTED', about: `job:${id}` })).toBe(
    1,
  );
});

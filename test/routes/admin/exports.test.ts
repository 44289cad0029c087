/** The pages of exports: asking for a file, downloading it, and who may. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { saveView } from '../../../src/domain/contacts/saved-views.js';
import { runDueJobs } from '../../../src/jobs/engine.js';
import { steppersOf } from '../../../src/jobs/registry.js';
import type { Job } from '../../../src/models/job.js';
import { openTestPortal } from '../../support/app.js';
import { recordsOf } from '../../support/export-room.js';
import { northwind, trailNotes } from '../../support/people.js';
import { signedIn, type StaffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer');

const work = async () => runDueJobs({ ...portal.deps, steppers: steppersOf(portal.deps) });

/** Sends the form, and lets a worker do the job. @returns the job */
async function exported(path: string, fields: Record<string, string>): Promise<Job> {
  const { html } = await marketer.open(path);
  const nonce = /name="nonce" value="([\w-]+)"/.exec(html)?.[1] ?? '';
  await marketer.post(path.split('?')[0] ?? '', {
    kind: 'CSV',
    delimiter: 'comma',
    nonce,
    ...fields,
  });
  await work();
  const user = await portal.deps.models.users.findOne({ role: 'marketer', unitIds: null }).lean();
  const job = await portal.deps.models.jobs.findById(`${user?._id ?? ''}-${nonce}`).lean<Job>();
  if (!job) throw new Error('There is no job.');
  return job;
}

async function download(visitor: StaffVisitor, job: Job) {
  return visitor.post(adminPaths.exportFiles(job._id), {});
}

describe('an export', () => {
  it('is asked for, made by a worker, downloaded, and each download is in the audit log', async () => {
    const job = await exported(adminPaths.unsubscribedExports(), { reason: 'OPT_OUT' });
    expect(job).toMatchObject({ kind: 'EXPORT_UNSUBSCRIBED', state: 'DONE', input: { reason: 'OPT_OUT' } });
    const list = await marketer.open(adminPaths.exports());
    expect(list.html).toContain(adminPaths.exportFiles(job._id));
    const { status, html: text } = await download(marketer, job);
    expect(status).toBe(200);
    expect(await recordsOf(text)).toHaveLength(job.counts.changed);
    expect(job.counts.changed).toBeGreaterThan(0);
    await download(marketer, job);
    const entries = await portal.deps.models.auditEntries.countDocuments({
      kind: 'EXPORTED',
      about: `job:${job._id}`,
    });
    expect(entries).toBe(2);
  });

  it('is one job, however often its button is pressed', async () => {
    const { html } = await marketer.open(adminPaths.historyExports());
    const nonce = /name="nonce" value="([\w-]+)"/.exec(html)?.[1] ?? '';
    const fields = { kind: 'NDJSON', delimiter: 'comma', nonce };
    await Promise.all([1, 2].map(() => marketer.post(adminPaths.historyExports(), fields)));
    expect(await portal.deps.models.jobs.countDocuments({ kind: 'EXPORT_HISTORY' })).toBe(1);
  });

  it('of contacts takes a selection, a saved view, or all', async () => {
    const { models } = portal.deps;
    const contact = await models.contacts.findOne({ email: 'alice@example.com' }).lean();
    const columns = { 'columns-contact': 'email', 'columns-subscriptions': `status:${trailNotes.id}` };
    const picked = await exported(`${adminPaths.contactExports()}?selection=&contact=${contact?._id ?? ''}`, {
      selection: '',
      ...columns,
      contact: contact?._id ?? '',
    });
    const [row, ...others] = await recordsOf((await download(marketer, picked)).html);
    expect([Object.values(row ?? {}), others]).toEqual([['alice@example.com', 'Subscribed'], []]);
    const all = await exported(adminPaths.contactExports(), columns);
    expect(all.counts.changed).toBe(await models.contacts.countDocuments());
    const user = await models.users.findOne({ role: 'marketer' }).lean();
    const filter = {
      any: [{ all: [{ on: 'opted-out', of: String(trailNotes.id), is: 'IS_TRUE' as const, values: [] }] }],
    };
    const view = { filter, search: '', sort: 'name' as const, direction: 'asc' as const };
    const saved = await saveView(portal.deps, {
      userId: user?._id ?? '',
      scope: null,
      name: 'Out',
      view,
      isShared: false,
    });
    if (!('view' in saved)) throw new Error('The view was not saved.');
    const some = await exported(adminPaths.contactExports(), { ...columns, view: saved.view.query });
    expect(some.input).toMatchObject({ selection: { filter } });
    expect(some.counts.changed).toBeLessThan(all.counts.changed);
  });

  it('without a column, with a day that is none, or of another unit is not queued', async () => {
    const post = async (visitor: StaffVisitor, path: string, fields: Record<string, string>) =>
      (await visitor.post(path, { kind: 'CSV', delimiter: 'comma', nonce: 'a'.repeat(16), ...fields }))
        .status;
    expect(await post(marketer, adminPaths.contactExports(), {})).toBe(422);
    expect(await post(marketer, adminPaths.historyExports(), { from: '2026-02-30' })).toBe(422);
    const limited = await signedIn(portal, 'marketer', [northwind.id]);
    expect(await post(limited, adminPaths.unsubscribedExports(), { unitId: '1' })).toBe(422);
  });

  it('is downloaded by auditors, not by support, and not by a user with fewer units', async () => {
    const job = await exported(adminPaths.historyExports(), {});
    const [auditor, support, limited] = await Promise.all([
      signedIn(portal, 'auditor'),
      signedIn(portal, 'support'),
      signedIn(portal, 'marketer', [northwind.id]),
    ]);
    expect((await download(auditor, job)).status).toBe(200);
    expect((await download(support, job)).status).toBe(403);
    expect((await download(limited, job)).status).toBe(404);
    expect((await limited.open(adminPaths.exports())).html).not.toContain(job._id);
    const { status } = await auditor.post(adminPaths.historyExports(), {
      kind: 'CSV',
      nonce: 'b'.repeat(16),
    });
    expect(status).toBe(403);
  });

  it('has no file once it was cancelled, and none after a week', async () => {
    const job = await exported(adminPaths.historyExports(), {});
    await portal.deps.models.jobs.updateOne({ _id: job._id }, { $set: { state: 'CANCELLED' } });
    expect((await download(marketer, job)).status).toBe(404);
    await portal.deps.models.jobs.updateOne({ _id: job._id }, { $set: { state: 'DONE' } });
    expect((await download(marketer, job)).status).toBe(200);
    await portal.deps.models.storedFiles.updateMany(
      {},
      { $set: { 'metadata.expiresAt': portal.deps.clock() } },
    );
    expect((await download(marketer, job)).status).toBe(404);
  });
});

/** The overview: contacts' acts are counted and shown to each user for their own units. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { noteCall } from '../../../src/domain/bounces/endpoints.js';
import { longest } from '../../../src/domain/counts/report.js';
import { keepUsage } from '../../../src/domain/marketing/usage.js';
import { recordReason } from '../../../src/models/unsubscribe-reason.js';
import { fullDay } from '../../../src/routes/admin/dashboard/days.js';
import { addDays, dayIn } from '../../../src/vocabulary/time-zones.js';
import { endpointOf } from '../../support/hooks.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { drainFeed } from '../../../src/feed/run.js';
import { queueJob } from '../../../src/models/job.js';
import { openTestPortal } from '../../support/app.js';
import {
  alice,
  charlie,
  erin,
  fjell,
  northwind,
  offers,
  trailNotes,
  weekendLetters,
} from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();
const links = await portal.linksOf(alice, { campaign: 'spring-sale' });
await fetch(portal.url + links.oneClick, { method: 'POST', body: 'List-Unsubscribe=One-Click' });
const { _id: subscriberId } = await portal.subscriberOf(alice);
const act = (
  actor: Parameters<typeof changeConsent>[1]['actor'],
  wishes: Parameters<typeof changeConsent>[1]['wishes'],
) => changeConsent(portal.deps, { subscriberId, channel: 'EMAIL', actor, wishes });
await act({ kind: 'CONTACT', isLinkFresh: true }, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
await act({ kind: 'CONTACT', isLinkFresh: true }, [{ kind: 'OPT_OUT', typeId: weekendLetters.id }]);
await changeConsent(portal.deps, {
  subscriberId: (await portal.subscriberOf(charlie))._id,
  channel: 'EMAIL',
  actor: { kind: 'SYSTEM' },
  wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'COMPLAINT' }],
});
await recordReason(portal.deps.models.unsubscribeReasons, {
  ...{
    _id: 'nonce',
    unitId: northwind.id,
    typeId: trailNotes.id,
    reason: 'TOO_MANY',
    at: portal.deps.clock(),
  },
});
await drainFeed(portal.deps);

/** The numbers in one row of a table. */
function lineOf(html: string, name: string): string[] | undefined {
  const row = new RegExp(`<tr><th scope="row">(?:<a [^>]*>)?${name}(?:</a>)?</th>(.*?)</tr>`, 's').exec(
    html,
  )?.[1];
  return row === undefined ? undefined : [...row.matchAll(/nums">([\d,–]+)</g)].map(([, n = '']) => n);
}

const today = () => dayIn(portal.deps.clock(), 'UTC');

/** The rows of a chart's file, without its first line. */
async function fileOf(
  visitor: StaffVisitor,
  chart: string,
  query: Record<string, string> = {},
): Promise<string[]> {
  const { status, html } = await visitor.open(
    adminPaths.dashboardFile({ chart, from: today(), to: today(), ...query }),
  );
  expect(status).toBe(200);
  return html.replace('\uFEFF', '').trim().split(/\r?\n/).slice(1);
}

it('the dashboard shows acts by type, unit, source and campaign, with a file of each', async () => {
  const marketer = await signedIn(portal, 'marketer');
  const page = await marketer.open(adminPaths.dashboard());
  expect(lineOf(page.html, trailNotes.name)).toEqual(['1', '1']);
  expect(lineOf(page.html, weekendLetters.name)).toEqual(['–', '1']);
  expect(lineOf(page.html, northwind.name)).toEqual(['1', '1']);
  expect(lineOf(page.html, 'Contact, one-click')).toEqual(['–', '1']);
  expect(lineOf(page.html, 'spring-sale')).toEqual(['–', '1']);
  expect(page.html.match(/<svg class="plot"[^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(2);
  expect(page.text).toMatch(/1 opt-in, up 2 opt-outs, down/);
  // On a phone every second date is hidden, and the last one would be cut off.
  expect(page.html.match(/<text class="odd"/g)?.length).toBeGreaterThan(1);
  expect(await fileOf(marketer, 'changes')).toEqual([`${today()},${today()},1,2`]);
  expect(await fileOf(marketer, 'units')).toEqual([`${northwind.name},1,1`, `${fjell.name},0,1`]);
  expect(await fileOf(marketer, 'types')).toContain(`${weekendLetters.name},${fjell.name},0,1`);
  expect(await fileOf(marketer, 'sources')).toContain('"Contact, one-click",0,1');
  expect(await fileOf(marketer, 'campaigns')).toEqual(['spring-sale,0,1']);
  expect(await fileOf(marketer, 'bounces')).toEqual([`${today()},${today()},0,1`]);
  expect(await fileOf(marketer, 'reasons')).toEqual(['Too many e-mails,1']);
  expect(await fileOf(marketer, 'subscribers')).toContain(
    `${trailNotes.name},${northwind.name},${today()},2`,
  );
  await keepUsage(portal.deps);
  expect(await fileOf(marketer, 'marketing')).toHaveLength(1);
  expect((await marketer.open(adminPaths.dashboardFile({ chart: 'constructor' }))).status).toBe(404);
});

it('a row of a table leads to the chart of its own, and back', async () => {
  const marketer = await signedIn(portal, 'marketer');
  const { html } = await marketer.open(adminPaths.dashboard());
  const href =
    /href="([^"]*source%3AONE_CLICK[^"]*)"/
      .exec(html)?.[1]
      ?.replaceAll('&amp;', '&')
      .replaceAll('&#x3D;', '=') ?? '';
  const own = await marketer.open(href);
  expect(own.text).toMatch(/Opt-ins and opt-outs: Contact, one-click 0 opt-ins, up 1 opt-out, down/);
  expect(own.text).toContain('Show all');
  expect(await fileOf(marketer, 'changes', { only: `type:${weekendLetters.id}` })).toEqual([
    `${today()},${today()},0,1`,
  ]);
});

it('a range ends today at the latest and has a year at most, and a broken one is said', async () => {
  const marketer = await signedIn(portal, 'marketer');
  const shown = async (query: Record<string, string>) => {
    const { html } = await marketer.open(adminPaths.dashboard(query));
    const [from = '', to = ''] = ['from', 'to'].map(
      (id) => new RegExp(`id="${id}"[^>]*value="([^"]+)"`).exec(html)?.[1],
    );
    return { from, to, isSaid: html.includes('notice warn"><svg') && /two dates|a year at most/.test(html) };
  };
  const usual = { from: addDays(today(), -29), to: today() };
  expect(await shown({})).toEqual({ ...usual, isSaid: false });
  expect(await shown({ from: '2026-02-30', to: 'x' })).toEqual({ ...usual, isSaid: true });
  expect(await shown({ from: '2026-02-10', to: '2026-02-01' })).toMatchObject({
    from: '2026-02-01',
    to: '2026-02-10',
  });
  expect(await shown({ from: addDays(today(), 3), to: addDays(today(), 9) })).toMatchObject({
    from: today(),
    to: today(),
  });
  expect(await shown({ from: '2019-01-01', to: '2020-12-31' })).toEqual({
    ...{ from: addDays('2020-12-31', 1 - longest), to: '2020-12-31', isSaid: true },
  });
});

it('a range without changes shows one sentence, the last change and ways on, and no zeros', async () => {
  const marketer = await signedIn(portal, 'marketer');
  portal.advance(3 * 86_400_000);
  const page = await marketer.open(
    adminPaths.dashboard({ from: today(), to: today(), unit: String(fjell.id) }),
  );
  portal.advance(-3 * 86_400_000);
  expect(page.text).toContain(`${fjell.name} last had a change on ${fullDay(today())}: 1 opt-out.`);
  expect(page.html).not.toContain('class="counts"');
  expect(page.html).not.toContain('class="plot"');
  expect(page.text).toMatch(/Show the last 30 days All business units/);
});

it('the dashboard of one unit shows that unit only, and bounces belong to no unit', async () => {
  const auditor = await signedIn(portal, 'auditor');
  const page = await auditor.open(`${adminPaths.dashboard()}?unit=${fjell.id}`);
  expect(page.text).toMatch(/0 opt-ins, up 1 opt-out, down/);
  expect(page.text).not.toContain('Bounces');
  expect(lineOf(page.html, trailNotes.name)).toBeUndefined();
  expect(lineOf(page.html, 'spring-sale')).toBeUndefined();
  const file = adminPaths.dashboardFile({ chart: 'bounces', unit: fjell.id });
  expect((await auditor.open(file)).status).toBe(404);
});

it('the dashboard shows a user of one unit nothing of another, whatever the query', async () => {
  const visitor = await signedIn(portal, 'support', [fjell.id]);
  const page = await visitor.open(adminPaths.dashboard());
  expect(page.text).toMatch(/0 opt-ins, up 1 opt-out, down/);
  const theirs = [
    northwind.name,
    trailNotes.name,
    offers.name,
    'spring-sale',
    'Bounces',
    'Marketing contacts',
    'Too many',
  ];
  for (const one of theirs) expect(page.text).not.toContain(one);
  const before = page.html.replaceAll(/value="[^"]*"/g, '');
  const { _id: subscriberId } = await portal.subscriberOf(charlie);
  const act = {
    actor: { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null },
    channel: 'EMAIL',
  } as const;
  await changeConsent(portal.deps, {
    ...act,
    subscriberId,
    wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }],
  });
  await changeConsent(portal.deps, {
    ...act,
    subscriberId,
    wishes: [{ kind: 'OPT_OUT_OF_ALL', unitId: null }],
  });
  await drainFeed(portal.deps);
  expect((await visitor.open(adminPaths.dashboard())).html.replaceAll(/value="[^"]*"/g, '')).toBe(before);
  for (const chart of ['changes', 'units', 'types', 'sources', 'campaigns', 'reasons', 'subscribers'])
    for (const row of await fileOf(visitor, chart)) for (const one of theirs) expect(row).not.toContain(one);
  expect(await fileOf(visitor, 'changes')).toEqual([`${today()},${today()},0,1`]);
  for (const chart of ['bounces', 'marketing'])
    expect((await visitor.open(adminPaths.dashboardFile({ chart }))).status).toBe(404);
  for (const query of [
    `unit=${northwind.id}`,
    'unit=x',
    `only=type:${trailNotes.id}`,
    'only=type:999',
    'only=x',
  ])
    for (const path of [adminPaths.dashboard(query), adminPaths.dashboardFile(`chart=types&${query}`)])
      expect((await visitor.open(path)).status).toBe(404);
});

it('the dashboard lists what needs attention, within the reader’s scope', async () => {
  const { deps } = portal;
  const job = { kind: 'BULK_EDIT', input: {}, scope: [northwind.id] } as const;
  await queueJob(deps, { ...job, id: 'dead' });
  await queueJob(deps, { ...job, id: 'waiting' });
  await deps.models.jobs.updateOne({ _id: 'dead' }, { $set: { state: 'DEAD' } });
  await deps.models.jobs.updateOne({ _id: 'waiting' }, { $set: { state: 'WAITING' } });
  const { _id: subscriberId } = await portal.subscriberOf(erin);
  for (const [at, state] of (['FAILED', 'UNKNOWN', 'SENT'] as const).entries())
    await deps.models.mails.create({
      ...{
        _id: `mail-${at}`,
        kind: 'LOST_LINK',
        subscriberId,
        unitId: northwind.id,
        queuedBy: 'test',
        state,
      },
      ...{ attempts: 1, priority: 0, dueAt: new Date(), fence: 1, at: new Date() },
    });
  const endpoint = await endpointOf(portal, 'ses');
  await noteCall(deps, endpoint.id, 'The signature is wrong.');
  await deps.models.settings.updateOne(
    { _id: 'marketing-usage' },
    {
      $set: {
        value: { last: { marketing: 8, nonMarketing: 1, untilUpdate: 0, at: new Date() }, months: {} },
      },
    },
    { upsert: true },
  );
  await deps.models.settings.updateOne(
    { _id: 'marketing' },
    { $set: { 'value.limit': 10 } },
    { upsert: true },
  );
  const page = await (await signedIn(portal, 'admin')).open(adminPaths.dashboard());
  for (const said of [
    '1 job failed after several attempts.',
    '1 job waits for confirmation.',
    '1 mail of the last seven days could not be delivered.',
    'Of 1 mail of the last seven days it is unknown whether it arrived',
    'No mail server is configured',
    'A call of ses was refused in the last seven days.',
    '80 % of the marketing contacts in your plan are in use.',
  ])
    expect(page.text).toContain(said);
  const theirs = await (await signedIn(portal, 'admin', [fjell.id])).open(adminPaths.dashboard());
  expect(theirs.text).toContain('Nothing needs attention now.');
});

it('the dashboard stops counting long lists at a limit', async () => {
  const { deps } = portal;
  const dead = await deps.models.jobs.findById('dead').lean();
  await deps.models.jobs.insertMany(Array.from({ length: 24 }, (_, at) => ({ ...dead, _id: `dead-${at}` })));
  const page = await (await signedIn(portal, 'admin')).open(adminPaths.dashboard());
  expect(page.text).toContain('20+ jobs failed after several attempts.');
});

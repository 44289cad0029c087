/** The overview: contacts' acts are counted and shown to each user for their own units. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { drainFeed } from '../../../src/feed/run.js';
import { queueJob } from '../../../src/models/job.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
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

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
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
  await drainFeed(portal.deps);
});
afterAll(() => portal.stop());

/** The numbers in one row of a table. */
function lineOf(html: string, name: string): string[] | undefined {
  const row = new RegExp(`<tr><th scope="row">${name}</th>(.*?)</tr>`, 's').exec(html)?.[1];
  return row === undefined ? undefined : [...row.matchAll(/nums">([\d,–]+)</g)].map(([, n = '']) => n);
}

it('the overview shows today’s acts by type, unit, source and campaign', async () => {
  const page = await (await signedIn(portal, 'marketer')).open(adminPaths.overview());
  expect(page.text).toMatch(
    /Opt-ins today so far 1 .* Opt-outs today so far 2 .* Bounces and complaints today 1/,
  );
  expect(lineOf(page.html, trailNotes.name)).toEqual(['1', '1']);
  expect(lineOf(page.html, weekendLetters.name)).toEqual(['–', '1']);
  expect(lineOf(page.html, northwind.name)).toEqual(['1', '1']);
  expect(lineOf(page.html, 'Contact, one-click')).toEqual(['–', '1']);
  expect(lineOf(page.html, 'spring-sale')).toEqual(['–', '1']);
  expect(page.html).toMatch(/<svg class="plot"[^>]*role="img" aria-label="[^"]+"/);
  expect(page.text).toMatch(/1 opt-in, up 2 opt-outs, down/);
  // On a phone every second date is hidden, and the last one would be cut off.
  expect(page.html.match(/<text class="odd"/g)).toHaveLength(2);
  expect(page.html.match(/text-anchor="end">\d+ [A-Z]/g)).toHaveLength(1);
});

it('the overview of one unit shows that unit only, and bounces belong to no unit', async () => {
  const page = await (await signedIn(portal, 'auditor')).open(`${adminPaths.overview()}?unit=${fjell.id}`);
  expect(page.text).toMatch(/Opt-ins today so far 0 .* Opt-outs today so far 1/);
  expect(page.text).not.toContain('Bounces');
  expect(lineOf(page.html, trailNotes.name)).toBeUndefined();
  expect(lineOf(page.html, 'spring-sale')).toBeUndefined();
});

it('the overview shows a user of one unit nothing of another, whatever the query', async () => {
  const visitor = await signedIn(portal, 'support', [fjell.id]);
  const page = await visitor.open(adminPaths.overview());
  expect(page.text).toMatch(/Opt-outs today so far 1/);
  for (const theirs of [northwind.name, trailNotes.name, offers.name, 'spring-sale', 'Bounces'])
    expect(page.text).not.toContain(theirs);
  expect((await visitor.open(`${adminPaths.overview()}?unit=${northwind.id}`)).status).toBe(404);
  expect((await visitor.open(`${adminPaths.overview()}?unit=x`)).status).toBe(404);
});

it('the overview lists what needs attention, within the reader’s scope', async () => {
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
  const page = await (await signedIn(portal, 'admin')).open(adminPaths.overview());
  for (const said of [
    '1 job was stopped after several failed attempts.',
    '1 job waits for confirmation.',
    '1 mail of the last seven days could not be delivered.',
    'Of 1 mail of the last seven days it is unknown whether it arrived',
    'No mail server is configured',
  ])
    expect(page.text).toContain(said);
  const theirs = await (await signedIn(portal, 'admin', [fjell.id])).open(adminPaths.overview());
  expect(theirs.text).toContain('Nothing needs attention now.');
});

it('the overview stops counting long lists at a limit', async () => {
  const { deps } = portal;
  const dead = await deps.models.jobs.findById('dead').lean();
  await deps.models.jobs.insertMany(Array.from({ length: 24 }, (_, at) => ({ ...dead, _id: `dead-${at}` })));
  const page = await (await signedIn(portal, 'admin')).open(adminPaths.overview());
  expect(page.text).toContain('20+ jobs were stopped after several failed attempts.');
});

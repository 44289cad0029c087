/** While the database is unavailable, every answer is 503 and says that nothing was saved. Then the portal recovers by itself. */
import { ownStatus } from '../../src/domain/consent/effective.js';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mintLink } from '../../src/domain/links/mint-links.js';
import { until } from '../database/servers.js';
import { trailNotes } from '../support/people.js';
import { click, faultsOf, gather, subscribe } from './crowd.js';
import { preparePortal, statusOf } from './portal-process.js';

/** In milliseconds: driver and portal must not make a person wait longer for the answer. */

it('a portal without its database says so on every page, saves nothing, and recovers with the database', async () => {
  const portal = await preparePortal();
  await portal.start();
  const deps = await portal.open();
  const [member] = await gather(deps, 1);
  if (!member) throw new Error('nobody came');
  await subscribe(deps, member);
  const links = await mintLink(deps, {
    address: 'member-0@example.com',
    unitId: trailNotes.unitId,
    typeId: trailNotes.id,
  });
  const { managePreferencesUrl: page, unsubscribeAllUrl: unsubscribe } = links;
  const save = new URLSearchParams({ shown: `${trailNotes.id}:1` });

  // Without its folder it cannot be started again.
  const folder = join(portal.varDir, 'database/secantusdb');
  renameSync(folder, `${folder}.away`);
  portal.killDatabase();
  await until('the portal knows', async () => (await statusOf(`${portal.url}/readyz`)) === 503);
  const answers = await Promise.all([
    fetch(page),
    fetch(page, { method: 'POST', body: save }),
    fetch(unsubscribe),
    fetch(unsubscribe, { method: 'POST', body: new URLSearchParams() }),
    fetch(`${portal.url}/find`, {
      method: 'POST',
      body: new URLSearchParams({ address: 'member-0@example.com' }),
    }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  for (const answer of answers) {
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await answer.text()).toMatch(/nothing was saved/i);
  }
  expect(await click(member.url)).toBe('503');
  expect(await statusOf(`${portal.url}/livez`)).toBe(200);
  expect(await statusOf(`${portal.url}/readyz`)).toBe(503);

  renameSync(`${folder}.away`, folder);
  await until('the portal is back', async () => (await statusOf(`${portal.url}/readyz`)) === 200);
  const before = await (await portal.open()).models.subscribers.findById(member.subscriberId).lean();
  expect(before && ownStatus(before, trailNotes.id)).toBe('SUBSCRIBED');
  expect(await click(member.url)).toBe('200');
  expect(await faultsOf(await portal.open(), [member])).toEqual([]);
}, 120_000);

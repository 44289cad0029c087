/**
 * A database that stalls without closing: every reader learns that nothing is certain, no request waits without limit, and
 * service resumes.
 */
import { expect, it } from 'vitest';
import { mintLink } from '../../src/domain/links/mint-links.js';
import { until } from '../database/servers.js';
import { trailNotes } from '../support/people.js';
import { click, clickAll, faultsOf, gather } from './crowd.js';
import { preparePortal, statusOf } from './portal-process.js';

it('a portal answers 503 to every request while the database stalls, and recovers after it', async () => {
  const portal = await preparePortal();
  await portal.start();
  const deps = await portal.open();
  const members = await gather(deps, 300);
  const links = await mintLink(deps, {
    address: 'member-0@example.com',
    unitId: trailNotes.unitId,
    typeId: trailNotes.id,
  });
  const { managePreferencesUrl: page, unsubscribeAllUrl: unsubscribe } = links;
  // Some requests are in the middle of their writes at that moment.
  const before = members.slice(0, 100).map(({ url }) => click(url));
  await Promise.race(before);
  portal.stallDatabase();
  const ask = async (url: string, body?: Record<string, string>) => {
    const answer = await fetch(url, body ? { method: 'POST', body: new URLSearchParams(body) } : {});
    expect(await answer.text()).toMatch(/nothing was saved/i);
    return answer.status;
  };
  const pages = [
    ask(page),
    ask(page, { shown: `${trailNotes.id}:1` }),
    ask(`${page}/fresh-link`, {}),
    ask(unsubscribe),
    ask(unsubscribe, {}),
    ask(`${portal.url}/find`, { address: 'member-0@example.com' }),
  ];
  const clicks = members.slice(100).map(({ url }) => click(url));
  expect(new Set(await Promise.all(clicks))).toEqual(new Set(['503']));
  expect(new Set(await Promise.all(pages))).toEqual(new Set([503]));
  for (const answer of await Promise.all(before)) expect(['200', '503']).toContain(answer);
  expect(await statusOf(`${portal.url}/livez`)).toBe(200);
  expect(await statusOf(`${portal.url}/readyz`)).toBe(503);

  portal.wakeDatabase();
  await until('the portal is back', async () => (await statusOf(`${portal.url}/readyz`)) === 200);
  const { acknowledged } = await clickAll(members);
  expect(acknowledged.size).toBe(members.length);
  expect(await faultsOf(await portal.open(), members)).toEqual([]);
}, 120_000);

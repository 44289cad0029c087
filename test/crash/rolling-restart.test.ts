/** Two portals behind a balancer that never retries are restarted in turn: no opt-out is refused, reset or lost. */
import { expect, it } from 'vitest';
import { migrate } from '../../src/migrations.js';
import { openTestDatabase } from '../support/connection.js';
import { keyFileOf } from '../support/key-file.js';
import { until } from '../database/servers.js';
import { startBalancer } from './balancer.js';
import { click, gather, optedOut } from './crowd.js';
import { preparePortal } from './portal-process.js';

const crowdSize = 160;
/** One-clicks in all, over both restarts. A repeated one succeeds and changes nothing. */
const clicks = 960;

it('a rolling restart of two portals drops no one-click', { timeout: 240_000 }, async () => {
  const database = await openTestDatabase();
  await migrate(database);
  const balancer = await startBalancer();
  const env = {
    MONGODB_URI: database.uri,
    BASE_URL: balancer.url,
    TOKEN_KEYS_FILE: await keyFileOf('Ed25519'),
    // Twenty checks by the balancer, on a machine that may be busy. Production has 5 s.
    STOP_NOTICE_SECONDS: '2',
  };
  const portals = [await preparePortal({ env }), await preparePortal({ env })];
  for (const portal of portals) await portal.start();
  balancer.serveFrom(portals.map(({ url }) => url));
  const areAllReady = async () => balancer.ready().length === portals.length;
  await until('both portals are ready', areAllReady);
  const deps = await portals[0]?.open();
  if (!deps) throw new Error('there is no portal');
  const members = await gather(deps, crowdSize);

  const answers: string[] = [];
  let turn = 0;
  let isRestarting = true;
  const work = async () => {
    while (isRestarting || answers.length < clicks) {
      const member = members[(turn += 1) % members.length];
      answers.push(await click(member?.url ?? ''));
      // Enough requests for both restarts.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const crowd = Promise.all(Array.from({ length: 8 }, work));
  for (const portal of portals) {
    expect((await portal.stop()).code).toBe(0);
    await portal.start();
    await until('both portals are ready', areAllReady);
  }
  isRestarting = false;
  await crowd;

  expect(answers.filter((answer) => answer !== '200')).toEqual([]);
  expect(answers.length).toBeGreaterThanOrEqual(clicks);
  expect((await optedOut(deps, members)).size).toBe(crowdSize);
});

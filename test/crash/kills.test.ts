/**
 * `kill -9` of the portal and of its database during eight hundred opt-outs: each acknowledged one is stored once, with its event. `npm run soak`
 * does the same with more.
 */
import { expect, it } from 'vitest';
import { clickAll, faultsOf, gather, optedOut } from './crowd.js';
import { preparePortal } from './portal-process.js';

const crowdSize = process.env['SOAK_CONTACTS'] ? 5000 : 800;
/** After so many acknowledged opt-outs. */
const early = crowdSize / 4;
const late = crowdSize / 2;
const minutes = 60_000;

it(
  'a portal killed and restarted twice has every acknowledged opt-out once',
  async () => {
    const portal = await preparePortal();
    await portal.start();
    const members = await gather(await portal.open(), crowdSize);
    let restarts = 0;
    let restarted = Promise.resolve();
    // A portal may answer the next two hundred before the test sees that it is ready.
    const restart = () => {
      restarts += 1;
      restarted = restarted.then(portal.kill).then(portal.start);
    };
    const { acknowledged, others } = await clickAll(members, { [early]: restart, [late]: restart });
    await restarted;
    expect(restarts).toBe(2);
    expect(acknowledged.size).toBe(crowdSize);
    expect([...others.keys()].filter((answer) => answer !== 'none' && answer !== '503')).toEqual([]);
    expect(others.get('none')).toBeGreaterThan(0);
    expect(await faultsOf(await portal.open(), members)).toEqual([]);
  },
  4 * minutes,
);

it(
  'a portal whose database is killed twice reconnects, acknowledges nothing unsaved, and answers all with 200 in the end',
  async () => {
    const portal = await preparePortal();
    await portal.start();
    const deps = await portal.open();
    const members = await gather(deps, crowdSize);
    const { acknowledged, others } = await clickAll(members, {
      [early]: portal.killDatabase,
      [late]: portal.killDatabase,
    });
    expect(acknowledged.size).toBe(crowdSize);
    // No connection to the portal broke: every answer without 200 said that nothing was saved.
    expect([...others.keys()].filter((answer) => answer !== '503')).toEqual([]);
    expect(await faultsOf(deps, members)).toEqual([]);
  },
  4 * minutes,
);

it(
  'a portal stopped during clicks finishes open answers, opts out no contact without an answer, and exits with 0',
  async () => {
    const portal = await preparePortal();
    await portal.start();
    const members = await gather(await portal.open(), crowdSize);
    const stops: ReturnType<typeof portal.stop>[] = [];
    const { acknowledged, others } = await clickAll(
      members,
      { [early]: () => void stops.push(portal.stop()) },
      () => stops.length > 0,
    );
    expect((await Promise.all(stops)).map(({ code }) => code)).toEqual([0]);
    expect(acknowledged.size).toBeGreaterThanOrEqual(early);
    expect(acknowledged.size).toBeLessThan(crowdSize);
    expect([...others.keys()]).toEqual(['none']);
    await portal.start();
    const deps = await portal.open();
    expect(await optedOut(deps, members)).toEqual(acknowledged);
    expect(
      await faultsOf(
        deps,
        members.filter(({ subscriberId }) => acknowledged.has(subscriberId)),
      ),
    ).toEqual([]);
  },
  4 * minutes,
);

/**
 * `kill -9` of the database at random moments while a portal with a worker imports a list and undoes it: totals are exact, and each address has one
 * entry. Twice during 5,000 addresses; `npm run soak` does it ten times during a hundred thousand.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { checkImport, confirmImport, startImport } from '../../src/domain/imports/start.js';
import { undoImport } from '../../src/domain/imports/undo.js';
import type { Deps } from '../../src/deps.js';
import { findImport, type Import } from '../../src/models/import.js';
import type { Subscriber } from '../../src/models/subscriber.js';
import { seed } from '../../src/seed/seed.js';
import { until } from '../database/servers.js';
import { northwind } from '../support/people.js';
import { preparePortal, type PortalProcess } from './portal-process.js';

const soaked = process.env['SOAK_CONTACTS'];
const addresses = Number(soaked ?? 5000);
const kills = soaked ? 10 : 2;
const wholeMs = 120_000 + addresses * 30;

it(
  'an import and its undo have exact totals although the database is killed',
  async () => {
    const portal = await preparePortal({ args: ['--worker'] });
    await portal.start();
    const deps = await portal.open();
    await seed(deps);
    const names = Array.from({ length: addresses }, (_, index) => `person-${index}@example.com`);
    const twice = names.filter((_, index) => index % 5 === 0);
    async function* bytes() {
      yield Buffer.from(`Email\n${[...names, ...twice, 'nobody'].join('\n')}\n`);
    }
    const to = { unitId: northwind.id, channel: 'EMAIL', name: 'list.csv', by: 'cli', scope: null } as const;
    const { _id: id } = await startImport(deps, to, bytes());
    const which = { id, scope: null };
    const one = () => insisted(async () => (await findImport(deps.models, id, null)) ?? fail());
    await checkImport(deps, which);
    await until('it is checked', async () => (await one()).state === 'CHECKED', wholeMs);
    const { counts, revision } = await one();
    expect(counts).toMatchObject({ distinct: addresses, duplicates: twice.length, rejected: 1 });

    const killed = killDatabase(deps, portal, { ofJob: `IMPORT_RUN:${id}`, times: Math.ceil(kills / 2) });
    await confirmImport(deps, which, { number: addresses, revision });
    await until('it is done', async () => (await one()).state === 'DONE', wholeMs);
    expect(await killed).toBe(Math.ceil(kills / 2));
    expect((await one()).result).toMatchObject({ changed: addresses, unchanged: 0 });
    expect(await insisted(() => eventsBy(deps, `import:${id}`))).toEqual({ once: addresses, more: 0 });

    const undoing = killDatabase(deps, portal, {
      ofJob: `IMPORT_UNDO:undo-${id}`,
      times: Math.floor(kills / 2),
    });
    const undo = await insisted(() => undoImport(deps, which, 'cli'));
    const undone = () => insisted(async () => (await findImport(deps.models, undo._id, null)) ?? fail());
    await until('it is undone', async () => (await undone()).state === 'DONE', wholeMs);
    await undoing;
    expect((await undone()).result).toMatchObject({ changed: addresses, unchanged: 0 });
    expect(await insisted(() => eventsBy(deps, `import:${undo._id}`))).toEqual({ once: addresses, more: 0 });
  },
  wholeMs * 3,
);

const fail = (): Import => {
  throw new Error('There is no such import.');
};

/** Repeats what failed because the database was away. */
async function insisted<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++)
    try {
      return await work();
    } catch (error) {
      if (tries >= 100) throw error;
      await sleep(200);
    }
}

/** Kills the database at random moments while the job runs, each time after some progress. @returns how many times */
async function killDatabase(
  { models }: Deps,
  portal: PortalProcess,
  { ofJob, times }: { ofJob: string; times: number },
): Promise<number> {
  let killed = 0;
  let seen = -1;
  for (;;) {
    const job = await insisted(() => models.jobs.findById(ofJob, { state: 1, done: 1 }).lean());
    if (killed === times || job?.state === 'DONE') return killed;
    if (job?.state === 'RUNNING' && job.done > seen) {
      seen = job.done;
      await sleep(Math.random() * 300);
      await insisted(async () => portal.killDatabase());
      killed += 1;
    }
    await sleep(20);
  }
}

/** How many subscribers have one event with this reference, and how many have more. */
async function eventsBy({ models }: Deps, ref: string): Promise<{ once: number; more: number }> {
  const counts = { once: 0, more: 0 };
  const found = models.subscribers.collection.find<Pick<Subscriber, 'events'>>(
    { 'events.actor.ref': ref },
    { projection: { events: 1 } },
  );
  for await (const { events } of found) {
    const own = events.filter(({ actor }) => actor.ref === ref).length;
    counts[own === 1 ? 'once' : 'more'] += 1;
  }
  return counts;
}

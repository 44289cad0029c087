/** Several first writes of one document at the same moment: each gets the document. On the embedded database, about one of ten got none. */
import { RateLimiterRes } from 'rate-limiter-flexible';
import { expect, it } from 'vitest';
import { checkSubscriberKey } from '../../src/deps.js';
import { migrate } from '../../src/migrations.js';
import { claimCall } from '../../src/models/kept-call.js';
import { rateLimiter } from '../../src/models/rate-limiter.js';
import { nameInstallation, takeContactNumbers } from '../../src/models/setting.js';
import { openTestDatabase } from '../support/connection.js';

const { connection, models } = await openTestDatabase();
await migrate({ connection, models });
const together = <T>(run: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 12 }, (_, at) => run(at)));

it('of many first calls under one name, one holds the claim, and the others learn who', async () => {
  const now = new Date();
  for (let round = 0; round < 20; round++) {
    const found = await together((at) =>
      claimCall(
        models.keptCalls,
        {
          ...{ _id: `call-${round}`, owner: `run-${at}`, requestHash: 'hash', callId: `name-${at}` },
          expires: new Date(now.getTime() + 60_000),
        },
        now,
      ),
    );
    expect(new Set(found.map(({ owner }) => owner)).size).toBe(1);
  }
});

it('the first contacts of an installation get different numbers', async () => {
  for (let round = 0; round < 20; round++) {
    await models.settings.deleteOne({ _id: 'contact-number' });
    const last = await together(() => takeContactNumbers(models.settings, 10));
    expect(last.every(Number.isSafeInteger)).toBe(true);
    const sorted = [...last].sort((a, b) => a - b);
    expect(sorted.every((number, at) => at === 0 || number - (sorted[at - 1] ?? 0) >= 10)).toBe(true);
  }
});

it('processes that start together on a new database have one name and one key', async () => {
  for (let round = 0; round < 20; round++) {
    for (const _id of ['installation', 'subscriber-key'] as const) await models.settings.deleteOne({ _id });
    const names = await together(() => nameInstallation(models.settings));
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^[\da-f-]{36}$/);
    await together(() => checkSubscriberKey(models, 'k'.repeat(43)));
  }
});

/** How many of the first requests of a window pass, when the limit is 5. */
async function passed(limiters: (at: number) => ReturnType<typeof rateLimiter>, key: string) {
  const answers = await together((at) =>
    limiters(at)
      .consume(key)
      .catch((refusal: unknown) => refusal),
  );
  expect(answers.every((answer) => answer instanceof RateLimiterRes)).toBe(true);
  return answers.filter((answer) => answer instanceof RateLimiterRes && answer.consumedPoints <= 5).length;
}

it('of many first requests of a window in one process, as many pass as the limit allows', async () => {
  const limiter = rateLimiter(connection, { name: 'first', most: 5, seconds: 60 });
  for (let round = 0; round < 20; round++) {
    expect(await passed(() => limiter, `network-${round}`)).toBe(5);
    expect((await limiter.get(`network-${round}`))?.consumedPoints).toBe(12);
  }
});

it('of many first requests of a window in different processes, no more pass than the limit', async () => {
  // A process has one limiter of each name.
  const ofOneProcess = () => rateLimiter(connection, { name: 'all', most: 5, seconds: 60 });
  const own = Array.from({ length: 12 }, ofOneProcess);
  const reader = ofOneProcess();
  for (let round = 0; round < 20; round++) {
    const count = await passed((at) => own[at] ?? reader, `network-${round}`);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(5);
    expect((await reader.get(`network-${round}`))?.consumedPoints).toBeGreaterThanOrEqual(12);
  }
});

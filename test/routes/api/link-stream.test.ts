/** The stream of links: answers come while lines arrive, and memory stays flat. `LINKS=100000 npm run soak` proves it for a large list. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { apiPaths } from '../../../src/paths.js';
import { keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { northwind } from '../../support/people.js';

const wanted = Number(process.env['LINKS'] ?? 2000);

const portal = await openTestPortal();
const key = await keyIn(portal, ['links']);

function openStream() {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  const request = httpRequest(portal.url + apiPaths.linksInBatch, { method: 'POST', headers });
  const answering = once(request, 'response').then(([response]: IncomingMessage[]) => response);
  return { request, answering };
}
const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) =>
    JSON.stringify({ address: `link${from + at}@example.com`, businessUnitId: northwind.id }),
  ).join('\n') + '\n';

it('answers come before the last line is sent', async () => {
  const { request, answering } = openStream();
  // Three batches of links: one is answered while the next one is read from the database.
  request.write(lines(0, 1500));
  const response = await answering;
  expect(response?.statusCode).toBe(200);
  expect(response?.headers['content-type']).toBe('application/x-ndjson');
  if (!response) throw new Error('There is no answer.');
  const answers = createInterface(response)[Symbol.asyncIterator]();
  expect(JSON.parse(String((await answers.next()).value))).toMatchObject({ address: 'link0@example.com' });
  request.end(lines(1500, 1));
  let last: unknown;
  let count = 1;
  for await (const line of answers) {
    last = JSON.parse(line);
    count++;
  }
  expect([count, last]).toMatchObject([1501, { address: 'link1500@example.com' }]);
});

it('memory stays flat', { timeout: 300_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: unknown = runInNewContext('gc');
  const heap = () => {
    if (typeof collectGarbage === 'function') collectGarbage();
    return process.memoryUsage().heapUsed / 1_048_576;
  };
  const { request, answering } = openStream();
  const sending = (async () => {
    for (let sent = 0; sent < wanted; sent += 500)
      if (!request.write(lines(sent % 10_000, 500))) await once(request, 'drain');
    request.end();
  })();
  const response = await answering;
  if (!response) throw new Error('There is no answer.');
  const heaps: number[] = [];
  let count = 0;
  for await (const line of createInterface(response)) {
    expect(line.length).toBeGreaterThan(500);
    if (++count % (wanted / 4) === 0) heaps.push(heap());
  }
  await sending;
  expect(count).toBe(wanted);
  // Megabytes. The answers to 100,000 lines have more than a hundred.
  expect(Math.max(...heaps) - (heaps[0] ?? 0)).toBeLessThan(10);
});

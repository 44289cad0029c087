/** Forms that come in slowly, as whoever wants to shut others out sends them: they hold no place of those who are whole, and only so many come from one network. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { patterns } from '../../../src/paths.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
import { dana } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

let portal: TestPortal;
const open: Socket[] = [];
beforeAll(async () => {
  portal = await openTestPortal({ env: { INBOUND_SECRET: 'the-secret-of-the-mail-server' } });
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});
afterAll(() => portal.stop());

/** A form of which the head arrives, and nothing else for now. */
async function beginForm(path: string): Promise<Socket> {
  const { hostname, port } = new URL(portal.url);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  await once(socket, 'connect');
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nSec-Fetch-Site: same-origin\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\n',
  );
  return socket;
}

async function statusOf(socket: Socket): Promise<number> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return Number(data.toString('latin1').split(' ')[1]);
}

it('from one network only so many come in at once; the header’s POST, links and pages are answered all the while', async () => {
  const links = await portal.linksOf(dana);
  const visitor = visitorOf(portal);
  const save = () => visitor.ask('POST', links.preferences, new URLSearchParams({ stop: 'unit-0' }));
  const slow = await Promise.all(Array.from({ length: 200 }, () => beginForm('/p/no-link')));
  await expect.poll(async () => (await save()).status).toBe(429);
  expect((await visitor.ask('POST', links.oneClick)).status).toBe(200);
  expect((await visitor.open(links.preferences)).status).toBe(200);

  // Whoever has sent all that was announced has their answer, and whoever goes away leaves a place.
  const [first, second] = slow;
  first?.write('0123456789');
  expect(first && (await statusOf(first))).toBe(404);
  second?.destroy();
  await expect.poll(async () => (await save()).status).toBe(303);
});

it('a form of the staff’s is read of somebody who has signed in, a mail of the mail server alone', async () => {
  expect(await statusOf(await beginForm(adminPaths.newContact()))).toBe(303);
  expect(await statusOf(await beginForm(patterns.inboundUnsubscribe))).toBe(404);
});

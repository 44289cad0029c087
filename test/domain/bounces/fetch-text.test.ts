/** Certificates over HTTP: kept, bounded, and never from a redirect. The server is real; https differs only in the socket. */
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { fetchText } from '../../../src/domain/bounces/fetch-text.js';
import { listening } from '../../support/close-afterwards.js';

let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  if (request.url === '/moved.pem') response.writeHead(302, { location: '/small.pem' }).end();
  else if (request.url === '/missing.pem') response.writeHead(404).end('no');
  else if (request.url === '/large.pem') response.end('x'.repeat(20_000));
  else response.end('certificate');
});
const url = `http://127.0.0.1:${await listening(server)}`;

it('a certificate is fetched once', async () => {
  const get = fetchText(['127.0.0.1']);
  expect(await get(`${url}/small.pem`)).toBe('certificate');
  expect(await get(`${url}/small.pem`)).toBe('certificate');
  expect(asked).toBe(1);
  await get(`${url}/confirm`);
  await get(`${url}/confirm`);
  expect(asked).toBe(3);
});

it.each(['moved', 'missing', 'large'])('a %s text is refused', async (name) => {
  await expect(fetchText(['127.0.0.1'])(`${url}/${name}.pem`)).rejects.toMatchObject({
    code: 'PROVIDER_AWAY',
  });
});

it('a private address is refused', async () => {
  await expect(fetchText()(`${url}/small.pem`)).rejects.toMatchObject({ code: 'PROVIDER_AWAY' });
});

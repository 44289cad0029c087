/** The HTTP client for URLs that people name, against a real server: private addresses, redirects, size, silence and time. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guardedGet, type GetOptions } from '../src/guarded-get.js';
import { openListServer, type ListServer } from './support/list-server.js';

let server: ListServer;
beforeAll(async () => {
  server = await openListServer();
});
afterAll(() => server.close());

const options: GetOptions = {
  ...{ privateAddresses: ['127.0.0.1'], totalMs: 5000, idleMs: 5000, mostBytes: 1000, mostRedirects: 3 },
};

async function textOf(url: string, more: Partial<GetOptions> = {}): Promise<string> {
  const { body } = await guardedGet(url, { ...options, ...more });
  let text = '';
  for await (const bytes of body) text += Buffer.from(bytes).toString();
  return text;
}

const refusal = (sentence: RegExp) => ({ code: 'INVALID_FILE', message: expect.stringMatching(sentence) });

it.each([
  'https://127.0.0.1/',
  'https://localhost/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://2130706433/',
  'https://0.0.0.0/',
  'https://10.0.0.5/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data',
])('%s is refused as private', async (url) => {
  await expect(textOf(url, { privateAddresses: [] })).rejects.toMatchObject(refusal(/private address/));
});

it.each([
  'http://example.com/',
  'http://10.0.0.5/',
  'http://localhost/',
  'file:///etc/passwd',
  'ftp://example.com/',
])('%s is refused, since it is not https', async (url) => {
  await expect(textOf(url)).rejects.toMatchObject(refusal(/not https/));
});

it('reads an allowed private address', async () => {
  server.serve('hello');
  expect(await textOf(server.url)).toBe('hello');
});

it('refuses a redirect to a private address, and to https of the same host', async () => {
  for (const location of ['http://10.0.0.5/', 'https://127.0.0.1/']) {
    server.answer((_request, response) => void response.writeHead(302, { location }).end());
    await expect(textOf(server.url)).rejects.toMatchObject(refusal(/another host/));
  }
});

it('stops an answer that is too large', async () => {
  server.answer((_request, response) => void response.end('x'.repeat(1001)));
  await expect(textOf(server.url)).rejects.toMatchObject(refusal(/larger/));
});

it('stops an answer that pauses, or takes too long although it does not pause', async () => {
  server.answer((_request, response) => void response.write('x'));
  await expect(textOf(server.url, { idleMs: 100 })).rejects.toMatchObject(refusal(/silent/));
  server.answer((_request, response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  await expect(textOf(server.url, { totalMs: 300 })).rejects.toMatchObject(refusal(/too long/));
});

it('says nothing about the URL when it fails', async () => {
  const fault = textOf('https://secret-host.invalid/?token=secret').catch(String);
  expect(await fault).not.toContain('secret');
});

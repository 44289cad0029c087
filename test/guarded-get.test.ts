/** The HTTP client for URLs that people name, against a real server: private addresses, changes of DNS, redirects, size, silence and time. */
import dns, { type LookupOptions } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi, type Mock } from 'vitest';
import { z } from 'zod';
import { guardedGet, guardedPost, keepConnections, type GetOptions } from '../src/guarded-get.js';
import { openListServer } from './support/list-server.js';

const server = await openListServer();

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

/** What the name resolves to, one answer for each lookup; the last one stays. */
function resolvingTo(...answers: string[][]): Mock {
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((
    _name: string,
    { all }: LookupOptions,
    done: (error: null, found: unknown, family?: number) => void,
  ) => {
    const [first = '', ...more] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    const found = [first, ...more].map((address) => ({ address, family: 4 }));
    process.nextTick(() => (all ? done(null, found) : done(null, first, 4)));
  }) as never);
  syncBuiltinESMExports();
  onTestFinished(() => {
    lookup.mockRestore();
    syncBuiltinESMExports();
  });
  return lookup;
}

describe.each(['a new connection', 'kept connections'])(
  'a name that changes its address, with %s',
  (which) => {
    const post = async (url: string) => {
      const connections = await keepConnections(options.privateAddresses);
      const kept = which === 'kept connections' ? { connections } : {};
      return guardedPost(url, '{}', { ...options, ...kept }).catch((error: unknown) => error);
    };

    it('is refused once it is private, although an earlier lookup was not', async () => {
      const inside = await openInside();
      // The allowed address stands for a public one.
      const lookup = resolvingTo(['127.0.0.1'], ['127.0.0.2']);
      const url = `https://rebinding.example:${inside.port}/`;
      expect(await post(url)).toMatchObject({ message: expect.not.stringContaining('private address') });
      expect(await post(url)).toMatchObject(refusal(/private address/));
      expect(lookup, 'the address that was checked is the one that is asked').toHaveBeenCalledTimes(2);
      expect(inside.connections()).toBe(0);
    });

    it('is refused if one of its addresses is private', async () => {
      const inside = await openInside();
      resolvingTo(['127.0.0.1', '127.0.0.2']);
      expect(await post(`https://rebinding.example:${inside.port}/`)).toMatchObject(
        refusal(/private address/),
      );
      expect(inside.connections()).toBe(0);
    });
  },
);

/** A private host, which counts its connections. */
async function openInside() {
  let count = 0;
  const inside = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.2', resolve));
  onTestFinished(() => void inside.close());
  const { port } = z.object({ port: z.number() }).parse(inside.address());
  return { port, connections: () => count };
}

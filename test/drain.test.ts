/** A graceful stop: answers in progress are finished, idle connections are closed, and the time is limited. */
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { drain } from '../src/drain.js';
import { listening } from './support/close-afterwards.js';

async function listen(answer: RequestListener) {
  const server = createServer(answer);
  const port = await listening(server);
  const agent = new Agent({ keepAlive: true });
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent }, (res) => {
        let body = '';
        res.on('data', (part: Buffer) => (body += part.toString()));
        res.on('end', () => resolve(body));
      }).on('error', reject);
    });
  return { server, ask };
}

describe('drain', () => {
  it('finishes an answer in progress on a kept-alive connection', async () => {
    const { server, ask } = await listen((_req, res) => void setTimeout(() => res.end('whole'), 200));
    const asked = ask();
    await once(server, 'request');
    const startedAt = performance.now();
    expect(await drain(server, 5)).toBe(true);
    expect(await asked).toBe('whole');
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('accepts no new connection', async () => {
    const { server, ask } = await listen((_req, res) => void setTimeout(() => res.end('whole'), 200));
    const asked = ask();
    await once(server, 'request');
    const drained = drain(server, 5);
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await asked).toBe('whole');
    expect(await drained).toBe(true);
  });

  it('cuts off what takes too long, and says so', async () => {
    const { server, ask } = await listen(() => {});
    const asked = ask();
    asked.catch(() => {});
    await once(server, 'request');
    expect(await drain(server, 0.1)).toBe(false);
    await expect(asked).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('accepts a server that does not listen', async () => {
    expect(await drain(createServer(), 1)).toBe(true);
  });
});

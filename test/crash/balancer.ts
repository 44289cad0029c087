/** A load balancer for tests: it checks `/readyz` ten times a second, forwards each request once, and never retries. */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { statusOf } from './portal-process.js';

/** Milliseconds between two checks of the same portal. */
const askEveryMs = 100;

export interface Balancer {
  url: string;
  /** The portals behind it. They may come later, since their links begin with the balancer's address. */
  serveFrom: (urls: readonly string[]) => void;
  /** Portals that answered 200 to their last check. */
  ready: () => string[];
}

/** Starts a balancer, and stops it when the test is over. */
export async function startBalancer(): Promise<Balancer> {
  const ready = new Set<string>();
  const timers: NodeJS.Timeout[] = [];
  // Connections are kept, as balancers do.
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const server = createServer((incoming, answer) => {
    const targets = [...ready];
    const target = targets[(turn += 1) % targets.length];
    if (target) passOn(incoming, answer, target, agent);
    else answer.writeHead(502).end('no portal is ready');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    timers.forEach(clearInterval);
    agent.destroy();
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    serveFrom(urls) {
      const ask = async (url: string) =>
        (await statusOf(`${url}/readyz`)) === 200 ? ready.add(url) : ready.delete(url);
      for (const url of urls) timers.push(setInterval(() => void ask(url), askEveryMs));
    },
    ready: () => [...ready],
  };
}

function passOn(incoming: IncomingMessage, answer: ServerResponse, target: string, agent: Agent): void {
  const { method, headers, url = '/' } = incoming;
  const onward = request(`${target}${url}`, { method, headers, agent }, (response) => {
    answer.writeHead(response.statusCode ?? 502);
    response.pipe(answer);
    response.on('error', () => answer.destroy());
  });
  onward.on('error', (error) => answer.writeHead(502).end(String(Object(error)['code'])));
  incoming.pipe(onward);
}

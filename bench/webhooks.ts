/** Webhooks a second: events of the feed that a worker queues and delivers to a receiver on loopback, beside a stripped sender, in turns. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Config } from '../src/config.js';
import type { Database } from '../src/database/contract.js';
import { createDeps, type Deps } from '../src/deps.js';
import { changeConsentInBulk } from '../src/domain/consent/change-in-bulk.js';
import { createEndpoint, findWebhook, switchWebhook } from '../src/domain/webhooks/endpoints.js';
import { drainFeed } from '../src/feed/run.js';
import { openRoom, startWorker } from './bulk-edit.js';
import { pause } from './child.js';
import { insertMembers } from './crowd.js';
import { median } from './median.js';
import { writeCatalogue } from './world.js';

export interface WebhookFigures {
  events: number;
  /** Delivered a second, from the first call to the last: medians of the rounds, and of their ratios. */
  portal: number;
  bare: number;
  ratio: number;
}

interface Sizes {
  events: number;
  rounds: number;
  /** Of a portal in production, without its database. */
  env: Record<string, string>;
}

export async function measureWebhooks(
  database: Database,
  config: Config,
  { events, rounds, env }: Sizes,
): Promise<WebhookFigures> {
  const uri = database.uri.replace('/sayso?', '/webhooks?');
  const room = await openRoom(database, uri);
  await writeCatalogue(room.models);
  const deps = await createDeps({ ...config, logLevel: 'warn' }, { databaseUri: uri });
  await insertMembers([room.connection], { from: 0, to: events }, deps.subscriberIds);
  await room.connection.close();
  await drainFeed(deps);
  const receiver = await openReceiver();
  const settings = { name: 'Bench', url: receiver.url, eventTypes: [], unitIds: null, typeIds: [] };
  const { id } = await createEndpoint(deps, settings, 'user:1');
  await turn(deps, id, 'PAUSED');
  const worker = startWorker({ ...env, MONGODB_URI: uri, PRIVATE_SOURCES: '127.0.0.1' });
  const seen = { portal: [] as number[], bare: [] as number[], ratio: [] as number[] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      await happen(deps, events, round);
      const expected = events;
      const byPortal = receiver.count(expected);
      await turn(deps, id, 'ACTIVE');
      const portal = await byPortal;
      await turn(deps, id, 'PAUSED');
      const byBare = receiver.count(expected);
      await sendBare(uri, receiver.url, expected, receiver.characters());
      const bare = await byBare;
      if (round === 0) continue;
      seen.portal.push(portal);
      seen.bare.push(bare);
      seen.ratio.push(portal / bare);
    }
  } finally {
    await worker.stop();
    receiver.close();
    await deps.close();
  }
  return { events, portal: median(seen.portal), bare: median(seen.bare), ratio: median(seen.ratio) };
}

async function turn(deps: Deps, id: string, to: 'ACTIVE' | 'PAUSED'): Promise<void> {
  const endpoint = await findWebhook(deps, id, null);
  if (!endpoint) throw new Error('The endpoint was not created.');
  await switchWebhook(deps, endpoint, to);
}

/** Each subscriber opts out of another type, and the events are published. */
async function happen(deps: Deps, events: number, round: number): Promise<void> {
  const ids = await deps.models.subscribers.find({}, { _id: 1 }).limit(events).lean();
  for (let at = 0; at < ids.length; at += 500)
    await changeConsentInBulk(
      deps,
      ids.slice(at, at + 500).map(({ _id: subscriberId }) => ({
        ...{ subscriberId, channel: 'EMAIL' as const, circumstances: {} },
        actor: { kind: 'ONE_CLICK' as const, version: 1, scope: null },
        wishes: [{ kind: 'OPT_OUT' as const, typeId: 1 + round }],
      })),
    );
  await drainFeed(deps);
}

async function sendBare(...given: (string | number)[]): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'bare-webhooks.ts'), ...given.map(String)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('The stripped sender failed.');
}

/** @returns a receiver that says how many calls a second it got, once it has got so many */
async function openReceiver() {
  let on: (() => void) | undefined;
  let length = 0;
  const server = createServer((asked, answer) => {
    let characters = 0;
    asked.on('data', (part: Buffer) => (characters += part.length));
    asked.on('end', () => {
      length = characters;
      answer.writeHead(204).end();
      on?.();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    characters: () => length,
    async count(expected: number): Promise<number> {
      let [calls, first, last] = [0, 0, 0];
      on = () => {
        last = performance.now();
        if (calls++ === 0) first = last;
      };
      const until = performance.now() + 600_000;
      while (calls < expected) {
        if (performance.now() > until) throw new Error(`${calls} of ${expected} webhooks came.`);
        await pause(20);
      }
      return ((calls - 1) / (last - first)) * 1000;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

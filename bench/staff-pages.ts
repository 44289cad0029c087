/** Staff pages over HTTP, with how long each takes and how many documents the database gives for it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { CommandSucceededEvent } from 'mongodb';
import { adminPaths } from '../src/admin-paths.js';
import { createApp } from '../src/app.js';
import type { Config } from '../src/config.js';
import { createDeps } from '../src/deps.js';
import { createUser } from '../src/domain/staff/users.js';

export interface StaffPages {
  /** @throws Error if the page has not this text */
  open(path: string, text: string): Promise<{ ms: number; documents: number }>;
  close(): Promise<void>;
}

const password = 'a-password-of-the-benchmark';

/** A portal in this process, with a signed-in user. */
export async function openStaffPages(
  config: Config,
  databaseUri: string,
  role: 'support' | 'admin' = 'support',
): Promise<StaffPages> {
  const monitored = `${databaseUri}${databaseUri.includes('?') ? '&' : '?'}monitorCommands=true`;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  const deps = await createDeps(
    { ...config, baseUrl: url, environment: 'test', logLevel: 'silent' },
    { databaseUri: monitored },
  );
  server.on('request', createApp(deps));
  let documents = 0;
  deps.connection.getClient().on('commandSucceeded', ({ reply }: CommandSucceededEvent) => {
    documents += batchOf(reply);
  });
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await deps.close();
  };
  const cookie = await signIn(deps, url, role).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    close,
    async open(path, text) {
      documents = 0;
      const began = performance.now();
      const answer = await fetch(url + path, { headers: { cookie } });
      const html = await answer.text();
      if (answer.status !== 200 || !html.includes(text))
        throw new Error(`A staff page answered ${answer.status}.`);
      return { ms: performance.now() - began, documents };
    },
  };
}

async function signIn(
  deps: Parameters<typeof createUser>[0],
  url: string,
  role: 'support' | 'admin',
): Promise<string> {
  const email = 'support@staff.example';
  await createUser(deps, { email, name: 'Support', role, scope: null, password });
  const answer = await fetch(url + adminPaths.signIn(), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin', origin: url },
    body: new URLSearchParams({ email, password }),
  });
  const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
  if (answer.status !== 303 || cookie.length === 0) throw new Error(`Signing in answered ${answer.status}.`);
  return cookie.join('; ');
}

/** Documents in the answer to a `find`, a `getMore` or an `aggregate`. */
function batchOf(reply: unknown): number {
  const cursor: unknown = Object(reply)['cursor'];
  const batch: unknown = Object(cursor)['firstBatch'] ?? Object(cursor)['nextBatch'];
  return Array.isArray(batch) ? batch.length : 0;
}

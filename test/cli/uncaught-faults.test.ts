/** An uncaught fault: it is logged without addresses, requests in progress are answered, and the process exits with 1. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { bareMachine, temporaryFolder } from '../database/servers.js';
import { bundleOf } from '../support/killable.js';
import { completeEnv } from '../support/program.js';

const root = join(import.meta.dirname, '../..');
const ready = z.object({ url: z.string(), trigger: z.string() });

async function startFaulty(kind: 'THROW' | 'REJECT') {
  const child = spawn(process.execPath, [await bundleOf('faulty-process'), kind], {
    cwd: root,
    env: {
      ...bareMachine(),
      ...(await completeEnv()),
      PORT: '0',
      VAR_DIR: temporaryFolder(),
      MONGODB_URI: '',
      LOG_LEVEL: 'info',
      // After a fault the process does not wait for a balancer.
      STOP_NOTICE_SECONDS: '60',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const output = createInterface(child.stdout);
  const urls = new Promise<z.infer<typeof ready>>((resolve) => {
    output.on('line', (line) => {
      lines.push(line);
      if (line.includes('"trigger"')) resolve(ready.parse(JSON.parse(line)));
    });
  });
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), lines, said }));
  return { ...(await urls), ended };
}

it.each(['THROW', 'REJECT'] as const)(
  '%s is logged, requests are drained, and the process exits with 1',
  async (kind) => {
    const { url, trigger, ended } = await startFaulty(kind);
    const { hostname, port } = new URL(url);
    const slow = connect(Number(port), hostname);
    await once(slow, 'connect');
    slow.write(
      `POST /find HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\naddre`,
    );
    await fetch(trigger);
    await sleep(600);
    slow.write('ss=no+one');
    const [answer] = (await once(slow, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 422 /);

    const { code, lines, said } = await ended;
    expect(code).toBe(1);
    const entries = lines.map((line): unknown => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({
        level: 'fatal',
        origin: kind === 'REJECT' ? 'unhandledRejection' : 'uncaughtException',
        err: expect.objectContaining({ message: 'a fault about [address]' }),
      }),
    );
    // The shutdown was complete: the database was released too.
    expect(entries).toContainEqual(expect.objectContaining({ msg: 'stopped' }));
    expect(lines.join() + said).not.toContain('alice@');
  },
);

/** Each program of docs/examples runs against a real portal, SMTP server and webhook. */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createEndpoint } from '../../src/domain/webhooks/endpoints.js';
import { keyIn } from '../support/api.js';
import { openTestPortal } from '../support/app.js';
import { openMailbox } from '../support/mailbox.js';
import { alice, charlie, trailNotes } from '../support/people.js';
import { pythonWith } from '../support/python.js';

const run = promisify(execFile);
const portal = await openTestPortal({ hasWorker: true, env: { PRIVATE_SOURCES: '127.0.0.1' } });
const key = await keyIn(portal);
const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], SAYSO_URL: portal.url, SAYSO_KEY: key };

it('the mailing reaches those who may get it, with working links and headers', async () => {
  const mailbox = await openMailbox();
  const about = [String(trailNotes.unitId), String(trailNotes.id)];
  const { stdout } = await run(
    process.execPath,
    ['docs/examples/send-mailing.mjs', ...about, alice.address, charlie.address],
    { env: { ...env, SMTP_URL: mailbox.url } },
  );
  expect(stdout).toMatch(/^sent\nnot sent: \w+\n$/);
  expect(mailbox.caught.map(({ to }) => to)).toEqual([[alice.address]]);
  const mail = mailbox.caught[0]?.parsed;
  const header = (name: string) => mail?.headers.find(({ key }) => key === name)?.value ?? '';
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  const [, oneClick = ''] = /<(http[^>]+)>/.exec(header('list-unsubscribe')) ?? [];
  expect(mail?.html).toContain(`${portal.url}/p/`);
  expect(mail?.text).toContain(`${portal.url}/u/`);
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  expect((await fetch(oneClick, { method: 'POST', body })).status).toBe(200);
});

it('the opt-out by curl is stored', async () => {
  const { stdout } = await run('docs/examples/opt-out.sh', ['ann+shop@example.com'], { env });
  const shown = z
    .object({ address: z.string(), optOutsOfAll: z.array(z.unknown()) })
    .parse(JSON.parse(stdout));
  expect(shown).toMatchObject({ address: 'ann+shop@example.com', optOutsOfAll: [{}] });
});

it('the changes in Python begin where they ended', { timeout: 120_000 }, async ({ skip }) => {
  const python = await run('python3', ['-c', 'import requests']).then(
    () => 'python3',
    () => pythonWith('requests==2.34.2').catch(() => null),
  );
  if (python === null) return skip('pip cannot install the Python package requests');
  const changes = async (...cursor: string[]) => {
    const { stdout } = await run(python, ['docs/examples/follow_changes.py', ...cursor], { env });
    return stdout.trim().split('\n');
  };
  const cursor = (await changes('now')).at(-1) ?? '';
  await run('docs/examples/opt-out.sh', ['ben+shop@example.com'], { env });
  const read = () => changes(cursor).then((lines) => lines.join(' '));
  await expect.poll(read, { timeout: 20_000 }).toContain('subscription.opt_out_of_all_changed');
});

it('the receiver takes a webhook of the portal, and refuses another one', async () => {
  const port = 18390;
  const url = `http://127.0.0.1:${port}/`;
  const about = { name: 'Shop', url, eventTypes: [], unitIds: null, typeIds: [] };
  const { id, secret } = await createEndpoint(portal.deps, about, 'user:1');
  const child = spawn(process.execPath, ['docs/examples/webhook-receiver.mjs'], {
    env: { ...env, PORT: String(port), WEBHOOK_SECRET: secret },
  });
  onTestFinished(() => void child.kill());
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  await expect.poll(() => said, { timeout: 20_000 }).toContain('listening');
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
  const headers = { authorization: `Bearer ${env['SAYSO_KEY']}` };
  const tested = await fetch(`${portal.url}/api/v1/webhooks/${id}/tests`, { method: 'POST', headers });
  expect(tested.status).toBe(202);
  await expect.poll(() => said, { timeout: 20_000 }).toContain('got webhook.test');
});

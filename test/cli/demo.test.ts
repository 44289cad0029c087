/** `sayso demo` as separate processes: the first start in an empty folder, the tour, two at once, and the end of each. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { migrate } from '../../src/migrations.js';
import { seed } from '../../src/seed/seed.js';
import { temporaryFolder } from '../support/close-afterwards.js';
import { openTestDatabase } from '../support/connection.js';
import { trailNotes } from '../support/people.js';
import { saysoProgram } from '../support/program.js';

const run = promisify(execFile);

interface Demo {
  child: ChildProcess;
  folder: string;
  /** What it printed, once it has printed every link. */
  shown: Promise<string>;
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** Starts a demonstration in the given folder or an empty one; kills it when it does not end. */
async function demo(args: string[], { folder, uri }: { folder?: string; uri?: string } = {}): Promise<Demo> {
  const cwd = folder ?? (await temporaryFolder());
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  const child = spawn(process.execPath, [...saysoProgram, 'demo', ...args], {
    cwd,
    env: { PATH, HOME, XDG_CACHE_HOME, PORT: '18080', ...(uri ? { MONGODB_URI: uri } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  const shown = new Promise<string>((resolve) =>
    child.stdout.on('data', (text: Buffer) => {
      out += text.toString();
      if (out.includes('Ctrl+C')) resolve(out);
    }),
  );
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
  const clock = setTimeout(() => child.kill('SIGKILL'), 100_000);
  onTestFinished(() => {
    clearTimeout(clock);
    child.kill('SIGKILL');
  });
  return { child, folder: cwd, shown, ended };
}

it('sayso demo with a tour in an empty folder does every part, and ends', async () => {
  const { code, out, err } = await (await demo(['--tour'])).ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^Preparing the database\.\n/);
  expect(out).not.toMatch(/^(Migration|Index)/m);
  const steps = out.trim().split('\n').slice(-31);
  expect(steps).toEqual([
    '8. The chain of the history is valid, and replaying it gives the stored state.',
    expect.stringMatching(/^9\. Sara Vik of support signed in/),
    expect.stringMatching(/^10\. .*looked it up by its address/),
    expect.stringMatching(/^11\. .*Trail notes.*Opted out.*Contact/),
    expect.stringMatching(/^12\. .*Trail notes.*Subscribed.*Staff, Sara Vik.*“Called us/),
    expect.stringMatching(/^13\. History.*Trail notes.*Sara Vik.*Called us/),
    expect.stringMatching(/^14\. dan-\d+@example\.com unsubscribed/),
    expect.stringMatching(/^15\. Mats Holm, a marketer, signed in/),
    expect.stringMatching(/^16\. Uploaded opt-outs\.csv/),
    expect.stringMatching(/^17\. Review.*rows: 5;.*each once: 4; rejected rows: 1; opted out already: 1;/),
    expect.stringMatching(/^18\. .*opted out: 3; opted out before: 1; rejected rows: 1/),
    expect.stringMatching(/^19\. .*no contact was created/),
    expect.stringMatching(/^20\. Exported.*found all 4/),
    expect.stringMatching(/^21\. .*: 3 opt-outs of the import were removed/),
    expect.stringMatching(/^22\. .*dan-\d+@example\.com is still opted out/),
    expect.stringMatching(/^23\. Ida Lund, an admin, set up a scheduled source/),
    expect.stringMatching(/^24\. .*2 addresses opted out/),
    expect.stringMatching(/^25\. .*: 2 opt-outs of the source were removed/),
    expect.stringMatching(/^26\. vera-\d+@example\.com unsubscribed/),
    expect.stringMatching(/^27\. .*activated it/),
    expect.stringMatching(/^28\. Enrolled/),
    expect.stringMatching(/^29\. .*PREVIOUSLY_OPTED_OUT.*UNSUBSCRIBED/),
    expect.stringMatching(/^30\. .*wilma-\d+@example\.com to non-marketing.*until the next update/),
    expect.stringMatching(/^31\. .*one minute before.*nothing changed/),
    expect.stringMatching(/^32\. .*is a non-marketing contact/),
    expect.stringMatching(/^33\. .*set up a webhook/),
    expect.stringMatching(/^34\. .*xenia-\d+@example\.com may \(.*yngve-\d+@example\.com may not/),
    expect.stringMatching(/^35\. .*minted the links/),
    expect.stringMatching(/^36\. .*subscription\.status_changed/),
    expect.stringMatching(/^37\. .*may not get it any more/),
    'Stopped.',
  ]);
}, 100_000);

/** Runs the calls of the API that a demonstration printed, as they are. */
async function pasteCalls(out: string): Promise<void> {
  const lines = out.match(/^ {2}curl .*Bearer.*$/gm) ?? [];
  expect(lines).toHaveLength(3);
  const answers = [];
  for (const line of lines) answers.push(JSON.parse((await run('sh', ['-c', line])).stdout));
  expect(answers).toEqual([
    expect.objectContaining({ address: 'alice@example.com' }),
    expect.objectContaining({ isEligible: expect.any(Boolean) }),
    expect.objectContaining({ managePreferencesUrl: expect.stringContaining('/p/') }),
  ]);
}

it('two demonstrations started at the same moment both run, each at its own port, and both stop', async () => {
  const folder = await temporaryFolder();
  const both = [await demo([], { folder }), await demo([], { folder })];
  const [first] = await Promise.all(both.map(({ shown, ended }) => Promise.race([shown, ended])));
  await pasteCalls(String(first));
  both[0]?.child.kill('SIGINT');
  both[1]?.child.kill('SIGTERM');
  const ended = await Promise.all(both.map((one) => one.ended));
  expect(ended.map(({ code, err }) => ({ code, err }))).toEqual([
    { code: 0, err: '' },
    { code: 0, err: '' },
  ]);
  expect(new Set(ended.map(({ out }) => /runs at (\S+)\./.exec(out)?.[1])).size).toBe(2);
  for (const { out } of ended) {
    expect(out).toMatch(/`rm -r var\/demo(-2)?` starts over[^]*\nStopped\.\n$/);
    expect(out).toContain('\nAlice is subscribed (alice@example.com)\n');
    expect(out).toMatch(/^ {2}Gro .*gro@example\.com/m);
    expect(out).toMatch(/^ {2}An imported opt-out list.*\/admin\/imports$/m);
  }
}, 100_000);

it('a demonstration that fails while running says why, stops and exits with 1', async () => {
  const database = await openTestDatabase();
  const key = 'k'.repeat(43);
  const { models } = database;
  await migrate(database);
  await seed({
    models,
    clock: () => new Date(),
    subscriberIds: subscriberIdsOf(key),
    queueConfirmation: async () => undefined,
  });
  await models.types.updateOne({ _id: trailNotes.id }, { $set: { isActive: false } });
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'var/tour'), { recursive: true });
  await writeFile(join(folder, 'var/tour/subscriber-id-key'), key);
  const { code, err } = await (await demo(['--tour'], { folder, uri: database.uri })).ended;
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^[^\n]*archived[^\n]*\n$/) });
});

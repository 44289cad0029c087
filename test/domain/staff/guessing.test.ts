/** How often a password or a code may be guessed, for one account and many, from one network and many. */
import { beforeEach, expect, it } from 'vitest';
import pino from 'pino';
import { guess } from '../../../src/domain/staff/guessing.js';
import type { Guess, Guesser } from '../../../src/domain/staff/guessing.js';
import { connect } from '../../../src/models/connect.js';
import { createModels } from '../../../src/models/index.js';
import { migrate } from '../../../src/migrations.js';
import { openTestDatabase } from '../../support/connection.js';
import { keyOfTheTests } from '../../support/kept-log.js';

const warnings: string[] = [];
const database = await openTestDatabase();
const { connection } = database;
await migrate({ connection, models: createModels(connection) });
const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
const deps: Parameters<typeof guess>[0] = { connection, config: { subscriberIdKey: keyOfTheTests }, log };
beforeEach(() => database.models.rateLimits.deleteMany({}));

const from = (network: string): Guesser => ({ kind: 'NETWORK', network });
const knownDevice: Guesser = { kind: 'DEVICE', device: 'a-device' };
const owner: Guesser = { kind: 'OWNER' };

/** The result of a guess: `looked` at and wrong, `right`, or `refused`. */
async function tried(about: Partial<Guess>, isRight = false): Promise<'looked' | 'right' | 'refused'> {
  const whole: Guess = { what: 'password', guesser: from('a'), account: 'ann@staff.example', ...about };
  try {
    return (await guess(deps, whole, async () => (isRight ? true : null))) ? 'right' : 'looked';
  } catch (error) {
    expect(Object(error)).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    expect(Object(error)['retryAfterSeconds']).toBeGreaterThan(0);
    expect(Object(error)['retryAfterSeconds']).toBeLessThanOrEqual(86_400);
    return 'refused';
  }
}

/** How many of these guesses were checked. */
async function looked(many: number, about: (at: number) => Partial<Guess>): Promise<number> {
  let count = 0;
  for (let at = 0; at < many; at += 1) if ((await tried(about(at))) === 'looked') count += 1;
  return count;
}

it('checks ten wrong passwords from one network for one account; other networks and accounts continue', async () => {
  expect(await looked(15, () => ({}))).toBe(10);
  expect(await tried({}, true)).toBe('refused');
  expect(await tried({ guesser: from('b') }, true)).toBe('right');
  expect(await tried({ account: 'bob@staff.example' }, true)).toBe('right');
});

it('checks thirty wrong passwords an hour for one account from all networks', async () => {
  expect(await looked(60, (at) => ({ guesser: from(`network ${at}`) }))).toBe(30);
  expect(await tried({ guesser: from('another') }, true)).toBe('refused');
});

it('checks no more than the limit of a hundred simultaneous guesses from a hundred networks', async () => {
  warnings.length = 0;
  const all = Array.from({ length: 100 }, (_, at) => tried({ guesser: from(`network ${at}`) }));
  const checked = (await Promise.all(all)).filter((outcome) => outcome === 'looked').length;
  expect(checked).toBeGreaterThanOrEqual(30);
  // On a slow machine a count may come too late. Then the process itself counts that guess, and says so.
  expect(checked).toBeLessThanOrEqual(30 + warnings.length);
});

it('checks five hundred wrong passwords an hour from one network for all accounts', async () => {
  expect(await looked(520, (at) => ({ account: `account-${at}@staff.example` }))).toBe(500);
  expect(await tried({ account: 'bob@staff.example' }, true)).toBe('refused');
  expect(await tried({ account: 'bob@staff.example', guesser: knownDevice }, true)).toBe('right');
});

it('counts a known device and the signed-in owner separately, with their own limits', async () => {
  await looked(60, (at) => ({ guesser: from(`network ${at}`) }));
  for (const guesser of [knownDevice, owner]) {
    expect(await looked(15, () => ({ guesser }))).toBe(10);
    expect(await tried({ guesser }, true)).toBe('refused');
  }
  expect(await tried({ guesser: { kind: 'DEVICE', device: 'another' } }, true)).toBe('right');
});

it('checks twenty wrong codes a day for one account, five a quarter of an hour from one network', async () => {
  expect(await looked(10, () => ({ what: 'code' }))).toBe(5);
  expect(await looked(60, (at) => ({ what: 'code', guesser: from(`network ${at}`) }))).toBe(15);
  expect(await looked(10, () => ({ what: 'code', guesser: knownDevice }))).toBe(5);
});

it('does not count right passwords', async () => {
  for (let times = 0; times < 40; times += 1) expect(await tried({}, true)).toBe('right');
  expect(await looked(15, () => ({}))).toBe(10);
});

it('does not count a guess refused for one account against its network', async () => {
  await looked(600, () => ({}));
  expect(await tried({ account: 'bob@staff.example' }, true)).toBe('right');
});

it('counts in the memory of the process, with the same limit and a warning, when the database cannot', async () => {
  const connection = await connect(database.uri);
  await connection.close();
  warnings.length = 0;
  const about: Guess = { what: 'password', guesser: from('a'), account: 'ann@staff.example' };
  const wrong = () => guess({ ...deps, connection }, about, async () => null);
  expect(await guess({ ...deps, connection }, about, async () => 'right')).toBe('right');
  for (let times = 0; times < 10; times += 1) expect(await wrong()).toBeNull();
  await expect(wrong()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  expect(warnings.join('')).toContain('guesses at sign-in not counted by the database');
});

/** Commands that fail: one sentence each, with what to do; and `init`, the first command. */
import { execFile } from 'node:child_process';
import { copyFile, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { importCatalogue } from '../../src/domain/catalogue/import.js';
import { toldFault } from '../../src/cli/fault.js';
import { DomainError } from '../../src/errors.js';
import { migrate } from '../../src/migrations.js';
import { temporaryFolder } from '../support/close-afterwards.js';
import { openTestDatabase, type TestDatabase } from '../support/connection.js';
import { northwind } from '../support/people.js';
import { severable } from '../support/severable.js';
import { completeEnv, runSayso, saysoProgram } from '../support/program.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const sayso = (cwd: string, args: string[], env: NodeJS.ProcessEnv = {}) => runSayso(args, { cwd, env });

const rightEnvironment = () => completeEnv({ LOG_LEVEL: 'silent' });

it('init writes the first configuration, and the second time says that it changed nothing', async () => {
  const folder = await temporaryFolder();
  expect(await sayso(folder, ['init'])).toMatchObject({
    code: 1,
    err: 'There is no .env.example here: run this in the folder of Sayso.\n',
  });
  await copyFile(join(root, '.env.example'), join(folder, '.env.example'));
  expect((await sayso(folder, ['init'])).out).toMatch(/^Wrote \.env, .*\nWrote .*token-keys\.json, /);
  const written = await readFile(join(folder, '.env'), 'utf8');
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  expect(written).toContain(`TIME_ZONE=${timeZone}\n`);
  expect((await sayso(folder, ['init'])).out).toMatch(/^Nothing was changed: .* already exist\.\n$/);
  expect(await readFile(join(folder, '.env'), 'utf8')).toBe(written);
});

it('an invalid configuration is reported by variable, and names init when there is no .env', async () => {
  const { code, err } = await sayso(await temporaryFolder(), ['migrate'], {
    ...(await rightEnvironment()),
    PORT: 'nine',
  });
  expect([code, err]).toEqual([
    1,
    'The configuration is wrong:\n  PORT is not a whole number from 0 to 65535\nThere is no .env here: `sayso init` writes one for development.\n',
  ]);
});

it.each([['migrate'], ['send', 'ann@example.com', '--unit', '0']])(
  '%s says in one sentence that the database is unavailable',
  async (...args) => {
    const { code, out, err } = await sayso(await temporaryFolder(), args, await rightEnvironment());
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^The database cannot be reached[^\n]*\n$/);
  },
);

it('may-send reports a failure as a failure, not as "no"', async () => {
  const ended = await sayso(
    await temporaryFolder(),
    ['may-send', 'ann@example.com', '--type', '1'],
    await rightEnvironment(),
  );
  expect(ended.code).toBe(2);
});

/** A database with one business unit. */
async function preparedDatabase(): Promise<TestDatabase> {
  const database = await openTestDatabase();
  await migrate(database);
  await importCatalogue(database.models, { units: [northwind], types: [], isPrivacyMode: undefined });
  return database;
}

it('a database failure during links is reported in one sentence, and leaves no partial file', async () => {
  const database = await preparedDatabase();
  const way = severable();
  const env = { ...(await rightEnvironment()), MONGODB_URI: await way.through(database.uri) };
  const folder = await temporaryFolder();
  const rows = Array.from({ length: 60_000 }, (_, i) => `person-${i}@example.com`);
  await writeFile(join(folder, 'in.csv'), `email\n${rows.join('\n')}\n`);
  const { code, err } = await runSayso(['links', '--csv', 'in.csv', '--out', 'out.csv', '--unit', '0'], {
    ...{ cwd: folder, env },
    hear: (text) => void (text.includes('10000 rows') && way.cut()),
  });
  expect(code).toBe(1);
  expect(err).toMatch(/^(\d+ rows …\n)+(The database|Whether)[^\n]*\n$/);
  expect(await readdir(folder)).toEqual(['in.csv']);
});

it('send queues a mail and says so', async () => {
  const database = await preparedDatabase();
  const env = { ...(await rightEnvironment()), MONGODB_URI: database.uri };
  const ended = await sayso(await temporaryFolder(), ['send', 'ann@example.com', '--unit', '0'], env);
  expect(ended).toMatchObject({ code: 0, err: '' });
  expect(ended.out).toMatch(/^Queued\. .*: https:\/\/mail\.example\.com\/dev\/outbox\n$/);
  expect(await database.models.mails.countDocuments({ kind: 'PREFERENCES_LINK' })).toBe(1);
});

it('seed refuses production before it reads the database', async () => {
  const { code, out, err } = await sayso(await temporaryFolder(), ['seed'], {
    ...(await rightEnvironment()),
    NODE_ENV: 'production',
    SMTP_URL: 'smtp://127.0.0.1:1',
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.internal',
  });
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^The demonstration world .* production\.\n$/);
});

it('serve says that HOST is not an address of this machine', async () => {
  const database = await openTestDatabase();
  const env = { ...(await rightEnvironment()), MONGODB_URI: database.uri, HOST: '192.0.2.1' };
  const { code, err } = await sayso(await temporaryFolder(), ['serve', '--migrate'], env);
  expect(code).toBe(1);
  expect(err).toMatch(/^HOST is 192\.0\.2\.1, which is not an address of this machine[^\n]*\n$/);
});

it.each([
  ['that is full is reported', '>/dev/full', [1, 'Standard output cannot be written: the disk is full.\n']],
  ['that is closed early causes no fault', '| true', [0, '']],
])('a standard output %s', async (_, to, expected) => {
  const line = `set -o pipefail; "$0" ${saysoProgram.join(' ')} catalogue example ${to}`;
  const ended = await new Promise((resolve) => {
    const child = execFile('bash', ['-c', line, process.execPath], { timeout: 40_000 }, (_fault, _out, err) =>
      resolve([child.exitCode, err]),
    );
  });
  expect(ended).toEqual(expected);
});

it('a wrong call names its fault and where to read on', async () => {
  const { code, err } = await sayso(await temporaryFolder(), ['link', 'ann@example.com']);
  expect([code, err]).toEqual([
    1,
    "error: required option '--unit <id>' not specified\nSee sayso link --help.\n",
  ]);
});

it('an unexpected fault shows its place only on request, and never an address', () => {
  const fault = new Error('no room for ann@example.com');
  expect(toldFault(fault, {})).toMatch(/^Something unexpected went wrong: no room for [^\n]*$/);
  expect(toldFault(fault, { LOG_LEVEL: 'debug' })).toContain('faults.test');
  expect(toldFault(fault, { LOG_LEVEL: 'debug' }) + toldFault(fault, {})).not.toContain('ann@');
  expect(toldFault(new DomainError('PORT_TAKEN', 'Port 1 is taken.'), {})).toBe('Port 1 is taken.');
});

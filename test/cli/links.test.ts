/** The commands for keys and links, as separate processes: their output, their files, and their exit codes. */
import { readFile, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { migrate } from '../../src/migrations.js';
import { seed } from '../../src/seed/seed.js';
import { temporaryFolder } from '../support/close-afterwards.js';
import { openTestDatabase } from '../support/connection.js';
import { keyOfTheTests } from '../support/kept-log.js';
import { tokensOf } from '../support/key-file.js';
import { alice, bob, northwind, trailNotes } from '../support/people.js';
import { completeEnv, runSayso, type Ended } from '../support/program.js';

const database = await openTestDatabase();
const { models } = database;
const clock = () => new Date();
await migrate(database);
await seed({
  models,
  clock,
  subscriberIds: subscriberIdsOf(keyOfTheTests),
  queueConfirmation: async () => undefined,
});
const folder = await temporaryFolder();
const keyFile = join(folder, 'keys', 'token-keys.json');
await sayso(['keys', 'rotate']);

/** Runs `sayso` in a folder without `.env`; `signalOn` sends a signal after a text on standard error. */
async function sayso(
  args: string[],
  input = '',
  signalOn?: { text: string; signal: NodeJS.Signals },
): Promise<Ended> {
  const env = { MONGODB_URI: database.uri, TOKEN_KEYS_FILE: keyFile };
  return runSayso(args, {
    ...{ cwd: folder, env: await completeEnv(env), input },
    hear: (err, child) => {
      if (signalOn && !child.killed && err.includes(signalOn.text)) child.kill(signalOn.signal);
    },
  });
}

describe('sayso keys', () => {
  it('adds, lists and publishes keys, and shows no private key', async () => {
    const rotated = await sayso(['keys', 'rotate']);
    const kid = /^Key (\w{6}) \(Ed25519\) signs from now on/.exec(rotated.out)?.[1];
    const listed = await sayso(['keys', 'list']);
    expect(
      listed.out
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/).at(-1)),
    ).toEqual(['verifies', 'signs']);
    expect(listed.out).toMatch(new RegExp(`^${kid} .*signs$`, 'm'));
    const published = await sayso(['keys', 'public']);
    const stored = JSON.parse(await readFile(keyFile, 'utf8')) as { keys: { d?: string }[] };
    const secret = stored.keys.at(-1)?.d ?? 'none';
    expect(secret).toHaveLength(43);
    expect(rotated.out + listed.out + published.out).not.toContain(secret);
    expect(JSON.parse(published.out)).toMatchObject({ keys: [{ alg: 'Ed25519' }, { kid }] });
  });
});

describe('sayso link', () => {
  it('prints the links of one address as JSON', async () => {
    const { code, out } = await sayso([
      'link',
      alice.address,
      '--unit',
      '0',
      '--type',
      '1',
      '--lang',
      'nb',
      '--json',
    ]);
    expect(code).toBe(0);
    const set = JSON.parse(out) as Record<string, string>;
    expect(set).toMatchObject({
      address: alice.address,
      headers: { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    });
    const { tokens } = await tokensOf(keyFile);
    const token = set['managePreferencesUrl']?.replace('https://mail.example.com/p/', '') ?? '';
    const { claims } = await tokens.verify('preferences', token, new Date());
    expect(claims).toMatchObject({ unitId: northwind.id, typeId: trailNotes.id, locale: 'nb' });
  });

  it.each([
    [['link', 'alice', '--unit', '0'], 'This is not an e-mail address.\n'],
    [
      ['link', alice.address, '--unit', '9'],
      'There is no business unit 9; there are 0 Northwind Outdoors, 1 Fjell Hotels.\n',
    ],
    [['link', alice.address, '--unit', '0', '--type', '99'], 'There is no subscription type 99.\n'],
  ])('names the unknown option or id: %j', async (args, sentence) => {
    expect(await sayso(args)).toEqual({ code: 1, out: '', err: sentence });
  });
});

describe('sayso links', () => {
  it('reads a file, writes another, and reports the result', async () => {
    const [before, after] = [join(folder, 'in.csv'), join(folder, 'out.csv')];
    await writeFile(
      before,
      `email;name\r\n${alice.address};Alice\r\nnobody;Nobody\r\n${bob.address};Bob\r\n`,
    );
    const ended = await sayso(['links', '--csv', before, '--out', after, '--unit', '0', '--type', '1']);
    expect(ended).toEqual({
      code: 0,
      out: '',
      err: '3 rows, 1 of them without links: the column sayso_error holds the reasons.\n',
    });
    const rows = parse<Record<string, string>>(await readFile(after), { columns: true, delimiter: ';' });
    expect(rows.map((row) => [row['name'], row['sayso_error']])).toEqual([
      ['Alice', ''],
      ['Nobody', 'This is not an e-mail address.'],
      ['Bob', ''],
    ]);
  });

  it('reads a file with CR line ends, and says when it reads Windows-1252', async () => {
    await writeFile(
      join(folder, 'mac.csv'),
      Buffer.from(`email,name\r${alice.address},\xc5se\r${bob.address},Bob`, 'latin1'),
    );
    const { code, out, err } = await sayso(['links', '--csv', 'mac.csv', '--unit', '0']);
    expect(code).toBe(0);
    expect(err).toMatch(/^1 line .*Windows-1252[^\n]*\n2 rows, all with links\.\n$/);
    const rows = parse<Record<string, string>>(out, { columns: true });
    expect(rows.map((row) => [row['name'], row['sayso_error']])).toEqual([
      ['Åse', ''],
      ['Bob', ''],
    ]);
  });

  it('writes the file and fails when no row got links', async () => {
    const { code, out, err } = await sayso(['links', '--csv', '-', '--unit', '0'], 'email\nnobody\n');
    expect([code, err]).toEqual([1, '1 row, none with links: the column sayso_error holds the reasons.\n']);
    expect(parse(out)).toHaveLength(2);
  });

  it('works from standard input to standard output', async () => {
    const { code, out, err } = await sayso(
      ['links', '--csv', '-', '--unit', '0'],
      `email\n${alice.address}\n`,
    );
    expect([code, err]).toEqual([0, '1 row, all with links.\n']);
    expect(parse(out)).toHaveLength(2);
  });

  it.each([
    ['does not exist', 'missing.csv', null, 'The file missing.csv cannot be read: there is none.\n'],
    [
      'has no row',
      'names-only.csv',
      'email,name\r\n\r\n',
      'The file has column names but no rows, so nothing was written.\n',
    ],
  ])('leaves no file when its input %s', async (_, name, text, sentence) => {
    if (text !== null) await writeFile(join(folder, name), text);
    expect(await sayso(['links', '--csv', name, '--out', 'never.csv', '--unit', '0'])).toEqual({
      code: 1,
      out: '',
      err: sentence,
    });
    expect((await readdir(folder)).filter((file) => file.startsWith('never.csv'))).toEqual([]);
  });

  it('refuses to overwrite its input file', async () => {
    const text = `email\n${alice.address}\n`;
    await writeFile(join(folder, 'same.csv'), text);
    const ended = await sayso(['links', '--csv', 'same.csv', '--out', './same.csv', '--unit', '0']);
    expect(ended).toMatchObject({
      code: 1,
      err: './same.csv is the file to read: name another with --out.\n',
    });
    expect(await readFile(join(folder, 'same.csv'), 'utf8')).toBe(text);
  });

  it('leaves no file when it is interrupted', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `person-${i % 500}@example.com`);
    await writeFile(join(folder, 'long.csv'), `email\n${rows.join('\n')}\n`);
    const ended = await sayso(['links', '--csv', 'long.csv', '--out', 'never.csv', '--unit', '0'], '', {
      text: '10000 rows',
      signal: 'SIGINT',
    });
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('Interrupted; nothing was written.');
    expect((await readdir(folder)).filter((file) => file.startsWith('never.csv'))).toEqual([]);
  });

  it('says so when it cannot write', async () => {
    const { code, err } = await sayso(
      ['links', '--csv', '-', '--out', 'no/such/out.csv', '--unit', '0'],
      `email\n${bob.address}\n`,
    );
    expect([code, err]).toEqual([
      1,
      'The file no/such/out.csv cannot be written: there is no such folder.\n',
    ]);
  });

  it('writes into a device without replacing it, and reports when no space is left', async () => {
    // By its own link: a fault here would replace the link and not the device.
    await symlink('/dev/full', join(folder, 'device'));
    const { code, err } = await sayso(
      ['links', '--csv', '-', '--out', 'device', '--unit', '0'],
      `email\n${bob.address}\n`,
    );
    expect([code, err]).toEqual([1, 'The file device cannot be written: the disk is full.\n']);
    expect(await readlink(join(folder, 'device'))).toBe('/dev/full');
  });
});

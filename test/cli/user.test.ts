/** `sayso user`: accounts are created, listed and reset from the command line; typed answers are hidden. */
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askNewPassword, readPassword } from '../../src/cli/ask-password.js';
import type { User } from '../../src/models/user.js';
import { isPassword } from '../../src/domain/staff/passwords.js';
import { openTestPortal } from '../support/app.js';
import { fjell } from '../support/people.js';
import { visitorOf } from '../support/visitor.js';
import { completeEnv, runSayso } from '../support/program.js';

const password = 'a-password-from-a-pipe';

const portal = await openTestPortal();

const sayso = async (args: string[], input = '') =>
  runSayso(['user', ...args], {
    env: await completeEnv({ BASE_URL: portal.url, MONGODB_URI: portal.database.uri }),
    input,
  });

const mats = ['--email', 'mats@staff.example', '--name', 'Mats Holm', '--role', 'support'];

it('user creates an account once with a password from a pipe, and lists it', async () => {
  const made = await sayso(
    ['create', ...mats, '--unit', String(fjell.id), '--password-stdin'],
    `${password}\n`,
  );
  expect(made).toEqual({
    code: 0,
    out: `mats@staff.example may sign in at ${portal.url}/admin/sign-in now.\n`,
    err: '',
  });
  const user = await portal.deps.models.users.findOne({ email: 'mats@staff.example' }).lean<User>();
  expect(user).toMatchObject({ role: 'support', unitIds: [fjell.id] });
  expect(await isPassword(user?.passwordHash ?? null, password)).toBe(true);
  const again = await sayso(['create', ...mats, '--password-stdin'], password);
  expect(again).toMatchObject({ code: 1, out: '', err: 'mats@staff.example has an account already.\n' });
  const { out } = await sayso(['list']);
  expect(out).toBe(`mats@staff.example  Mats Holm  support  units ${fjell.id}\n`);
});

it('user prints a working link for an invitation and a reset', async () => {
  const invited = await sayso([
    'create',
    '--email',
    'oda@staff.example',
    '--name',
    'Oda',
    '--role',
    'admin',
    '--invite',
  ]);
  const reset = await sayso(['reset', 'oda@staff.example', '--remove-codes']);
  const paths = [invited, reset].map(
    ({ out }) => new URL(/https?:\S+\/admin\/welcome\/[\w-]{43}/.exec(out)?.[0] ?? '').pathname,
  );
  const statuses = await Promise.all(paths.map(async (path) => (await visitorOf(portal).open(path)).status));
  expect(statuses, 'the second takes the place of the first').toEqual([404, 200]);
  const kinds = await portal.deps.models.auditEntries.find({ by: 'cli' }).lean();
  expect(kinds.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['USER_CREATED', 'USER_CHANGED']));
});

it('user says what is wrong in one sentence', async () => {
  const faults: [string[], string, RegExp][] = [
    [['create', ...mats, '--password-stdin'], 'short', /^A password has at least 12 characters\.\n$/],
    [['create', ...mats, '--password-stdin'], 'password1234', /^This password is too easy to guess/],
    [['create', ...mats, '--password-stdin'], 'mats-holm-2026', /made of your name/],
    [['create', ...mats], '', /^There is no terminal to ask for a password on/],
    [['create', ...mats, '--unit', '77', '--password-stdin'], password, /^There is no business unit 77/],
    [
      ['create', '--email', 'x@staff.example', '--name', 'X', '--role', 'boss'],
      '',
      /Allowed choices are admin/,
    ],
    [['reset', 'nobody@staff.example'], '', /^There is no account with nobody@staff\.example\.\n$/],
  ];
  for (const [told, sentence] of await Promise.all(
    faults.map(async ([args, input, sentence]) => [await sayso(args, input), sentence] as const),
  )) {
    expect(told).toMatchObject({ code: 1, out: '' });
    expect(told.err).toMatch(sentence);
  }
});

it('user hides what is typed at a terminal, and asks for it twice', async () => {
  const typed = async (keys: string) => {
    const [input, output] = [Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()];
    input.end(keys);
    const answer = await askNewPassword({ input, output }).catch(
      (error: unknown) => Object(error)['message'],
    );
    return { answer, shown: String(output.read()) };
  };
  const shown = 'Password: \nThe same again: \n';
  expect(await typed(`${password}\r${password}\r`)).toEqual({ answer: password, shown });
  expect(await typed(`${password}\rother\r`)).toEqual({
    answer: 'The two passwords differ; nothing was changed.',
    shown,
  });
  expect(await typed('abc\u0003')).toEqual({
    answer: 'Cancelled; nothing was changed.',
    shown: 'Password: \n',
  });
});

it('user takes the first line of piped input', async () => {
  const input = new PassThrough();
  input.end(`${password}\r\nmore\n`);
  expect(await readPassword(input)).toBe(password);
});

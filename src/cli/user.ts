/** `sayso user`: accounts of the staff from the command line, such as the first one, and recovery when all admins are locked out. */
import { Option, type Command } from 'commander';
import { adminPaths } from '../admin-paths.js';
import { oneLine } from '../clean-text.js';
import { requireUnit } from '../domain/consent/catalogue.js';
import { readAddress } from '../domain/consent/read-address.js';
import { roles, staffRef, type Role } from '../vocabulary/access.js';
import { recordAudit } from '../domain/staff/audit.js';
import { linkHours, makeOneTimeLink } from '../domain/staff/one-time-links.js';
import { hasOneTimeCodes } from '../domain/staff/one-time-codes.js';
import { faultOfName } from '../domain/staff/own-account.js';
import { faultOfPassword } from '../domain/staff/passwords.js';
import { createUser } from '../domain/staff/users.js';
import type { Deps } from '../deps.js';
import { DomainError } from '../errors.js';
import type { User } from '../models/user.js';
import { askNewPassword, readPassword } from './ask-password.js';
import { withContext, print } from './context.js';
import { wholeNumber } from './target-options.js';

interface CreateOptions {
  email: string;
  name: string;
  role: Role;
  unit?: number[];
  passwordStdin?: true;
  invite?: true;
}

export function addUserCommand(program: Command): void {
  const user = program.command('user').description('Accounts of the staff, who sign in at /admin');
  user
    .command('create')
    .description('Make an account; asks for its password unless told otherwise')
    .requiredOption('--email <address>', 'their sign-in address')
    .requiredOption('--name <name>', 'the name that pages show with their acts')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).makeOptionMandatory())
    .option(
      '--unit <id>',
      'a business unit of the account; may be given several times; without it, all units',
      (text: string, before?: number[]) => [...(before ?? []), wholeNumber(text)],
    )
    .addOption(new Option('--password-stdin', 'read the password from standard input').conflicts('invite'))
    .option('--invite', 'print a one-time link with which they choose a password themselves')
    .action(create);
  user
    .command('list')
    .description('Show every account: address, name, role, business units, whether it is open')
    .action(() =>
      withContext(async ({ deps }) => {
        const users = await deps.models.users.find({}).sort({ email: 1 }).lean<User[]>();
        for (const one of users) print(lineOf(one));
        if (users.length === 0) print('There is no account yet: `sayso user create` makes the first.');
      }),
    );
  user
    .command('reset')
    .description('Print a one-time link with which a user chooses a new password')
    .argument('<address>', 'their sign-in address')
    .option(
      '--remove-codes',
      'their telephone is lost: turn one-time codes off and remove passkeys, once the link is used',
    )
    .action((address: string, options: { removeCodes?: true }) =>
      withContext(async ({ deps }) => {
        const email = readAddress('EMAIL', address);
        const found = await deps.models.users.findOne({ email }).lean<User>();
        if (!found) throw new DomainError('NOT_FOUND', `There is no account with ${email}.`);
        if (!found.isActive)
          throw new DomainError('NOT_PERMITTED', `The account of ${email} is closed; an admin can open it.`);
        await printLink(deps, found, { removesCodes: options.removeCodes === true });
        await tell(deps, found, 'USER_CHANGED', 'one-time link');
      }),
    );
}

async function create({ email, name, role, unit, passwordStdin, invite }: CreateOptions): Promise<void> {
  const address = readAddress('EMAIL', email);
  const fault = faultOfName(oneLine(name));
  if (fault) throw new DomainError('INVALID_FORM', fault);
  const password = invite ? undefined : passwordStdin ? await readPassword() : await askNewPassword();
  await withContext(async ({ deps }) => {
    const catalogue = await deps.catalogue();
    for (const id of unit ?? []) requireUnit(catalogue, id);
    const owner = { email: address, name };
    const unfit = password === undefined ? null : await faultOfPassword(deps, password, owner);
    if (unfit) throw new DomainError('INVALID_FORM', unfit);
    const made = await createUser(deps, {
      email: address,
      name,
      role,
      scope: unit ?? null,
      ...(password === undefined ? {} : { password }),
    });
    await tell(deps, made, 'USER_CREATED', role);
    if (invite) await printLink(deps, made, { removesCodes: false });
    else print(`${made.email} may sign in at ${deps.config.baseUrl}${adminPaths.signIn()} now.`);
  });
}

async function printLink(deps: Deps, user: User, options: { removesCodes: boolean }): Promise<void> {
  const token = await makeOneTimeLink(deps, user._id, options);
  print(`Hand this link to ${user.name}; it sets a password once, within ${linkHours} hours:`);
  print(`  ${deps.config.baseUrl}${adminPaths.welcome(token)}`);
}

function lineOf(user: User): string {
  const reach = user.unitIds ? `units ${user.unitIds.join(', ')}` : 'all units';
  const notes = [
    user.isActive ? null : 'closed',
    user.passwordHash === null && user.isActive ? 'no password yet' : null,
    hasOneTimeCodes(user) ? 'one-time codes' : null,
  ].filter((note) => note !== null);
  return [user.email, user.name, user.role, reach, ...notes].join('  ');
}

function tell(deps: Deps, { _id }: User, kind: 'USER_CREATED' | 'USER_CHANGED', detail: string) {
  return recordAudit(deps, { kind, by: 'cli', about: staffRef({ id: _id }), detail });
}

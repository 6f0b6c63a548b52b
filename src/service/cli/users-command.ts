import { parseArgs } from 'node:util';
import { isEmail } from 'class-validator';
import { AuthError } from '../../index.js';
import type { AccountChanges } from '../accounts/account-changes.js';
import { checkPassword } from '../accounts/password-policy.js';
import { MAX_ROLES, ROLE_NAME } from '../accounts/roles.js';
import type { User } from '../accounts/user.js';
import type { UsersService } from '../accounts/users.service.js';

export const USAGE = `Usage: keyturn users <command>
       keyturn keys <command>
       keyturn migrate | policy | clients secret

  keys       Makes and rotates signing keys: keyturn keys --help

  migrate    Brings the schema of DATABASE_URL up to date.
  clients secret
             Makes a secret for a client, and the hash of it for AUTH_CLIENTS.
  policy     Prints what the settings mean: thefts, logins, store operations, and what to change.

  add --email <address> [--role <role>]... [--invite]
             Makes an account. Reads the password from standard input, or asks for it at a terminal;
             with --invite prints a ticket instead, with which its owner sets the password.
  list       Prints the newest accounts.
  reset <address>
             Prints a ticket with which the password can be set once, within 30 minutes.
  disable <address>
             Keeps an account from logging in. Its sessions end within a minute, or when the service starts again.
  enable <address>
             Lets it log in again.

The first administrator:  npm run -s keyturn -- users add --email you@example.com --role admin

Works on the database of DATABASE_URL at any time; on the embedded one in DATA_DIR while the service is stopped:
while it runs, use its calls below /admin/users.
A ticket is used by POST /auth/password-reset with { "ticket", "new_password" }.
`;

/** A command that was written wrongly. */
export class UsageError extends Error {}

/** What a command needs of the world. */
export interface UsersCommandContext {
  /** Opens the users' database when it is certain that the command makes sense, so that no lock is held while asking. */
  readonly open: () => Promise<{ readonly users: UsersService; readonly changes: AccountChanges }>;
  readonly readPassword: () => Promise<string>;
  readonly print: (line: string) => void;
  readonly passwordMinLength: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * `keyturn users …`.
 * @throws UsageError for what is no command, AuthError for what cannot be done
 */
export async function runUsersCommand(args: readonly string[], context: UsersCommandContext): Promise<void> {
  const { values, positionals } = parsed(args);
  const [command, address, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one word too many.`);
  if (command !== 'add' && Object.keys(values).length > 0) throw new UsageError(`'${command}' takes no options.`);
  switch (command) {
    case 'add':
      if (address !== undefined) throw new UsageError('Give the address as --email.');
      return add(values, context);
    case 'list':
      if (address !== undefined) throw new UsageError("'list' takes no address.");
      for (const user of await (await context.open()).users.newest(100)) context.print(line(user));
      return;
    case 'reset':
    case 'disable':
    case 'enable':
      if (address === undefined) throw new UsageError(`'${command}' needs an address.`);
      return change(command, address, context);
    default:
      throw new UsageError(command === undefined ? 'Say what to do.' : `'${command}' is no command.`);
  }
}

interface AddOptions {
  readonly email?: string;
  readonly role?: string[];
  readonly invite?: boolean;
}

function parsed(args: readonly string[]): { values: AddOptions; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { email: { type: 'string' }, role: { type: 'string', multiple: true }, invite: { type: 'boolean' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

async function add({ email, role = [], invite = false }: AddOptions, context: UsersCommandContext): Promise<void> {
  const roles = [...new Set(role)];
  if (email === undefined || !isEmail(email)) throw new UsageError('Give an e-mail address as --email.');
  const wrong = roles.find((name) => !ROLE_NAME.test(name));
  if (wrong !== undefined) throw new UsageError(`'${wrong}' cannot be a role: use letters, digits and . _ : -`);
  if (roles.length > MAX_ROLES) throw new UsageError(`An account has at most ${MAX_ROLES} roles.`);
  const password = invite ? null : await newPassword(context);
  const { users, changes } = await context.open();
  const user = await users.register(email, password, roles);
  context.print(line(user));
  if (invite) await printTicket(user, changes, context);
}

async function newPassword({ readPassword, passwordMinLength }: UsersCommandContext): Promise<string> {
  const password = await readPassword();
  const faults = checkPassword(password, { minLength: passwordMinLength });
  if (faults.length > 0) throw new AuthError('invalid_request', faults.join(' '));
  return password;
}

async function change(
  command: 'reset' | 'disable' | 'enable',
  address: string,
  context: UsersCommandContext,
): Promise<void> {
  const { users, changes } = await context.open();
  const user = await users.findByEmail(address);
  if (!user) throw new AuthError('not_found', `${address} has no account.`);
  if (command === 'reset') return printTicket(user, changes, context);
  const changed = await changes.patch(user.id, { disabled: command === 'disable' }, context.now());
  context.print(line(changed!.user));
}

async function printTicket({ id }: User, changes: AccountChanges, { now, print }: UsersCommandContext): Promise<void> {
  const issued = await changes.issueTicket(id, now());
  print(`ticket ${issued!.ticket} until ${new Date(issued!.expiresAt).toISOString()}`);
}

const line = ({ id, email, roles, disabled }: User): string =>
  [id, email, roles.join(',') || '-', ...(disabled ? ['disabled'] : [])].join('  ');

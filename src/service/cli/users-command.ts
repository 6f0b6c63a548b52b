import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isEmail } from 'class-validator';
import { AuthError } from '../../index.js';
import { UsageError, usageErrorOf } from '../arguments/usage-error.js';
import type { AccountChanges } from '../accounts/account-changes.js';
import type { PasswordRules } from '../accounts/password-rules.js';
import type { Page } from '../accounts/page.js';
import { UserPages } from '../accounts/user-pages.js';
import { MAX_ROLES, ROLE_NAME, type User } from '../accounts/user.js';
import { importUsers, parseUsers, refuseFaults } from '../accounts/import-users.js';
import type { Database } from '../database/database.js';
import type { UsersService } from '../accounts/users.service.js';

/** What a command needs of the world. */
export interface UsersCommandContext {
  /** Opens the users' database when it is certain that the command makes sense, so that no lock is held while asking. */
  readonly open: () => Promise<{
    readonly users: UsersService;
    readonly changes: AccountChanges;
    readonly database: Database;
  }>;
  readonly readPassword: () => Promise<string>;
  readonly print: (line: string) => void;
  /** What the password must meet, looked up when one is given. */
  readonly rules: () => Promise<PasswordRules>;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: () => Promise<number>;
}

/**
 * `keyturn users …`.
 * @throws UsageError for what is no command, AuthError for what cannot be done
 */
export async function runUsersCommand(args: readonly string[], context: UsersCommandContext): Promise<void> {
  const { values, positionals } = parsed(args);
  const [command, address, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`unexpected argument '${more[0]}'.`);
  allowOptions(command, values);
  switch (command) {
    case 'add':
      if (address !== undefined) throw new UsageError('Give the address as --email.');
      return add(values, context);
    case 'import':
      if (address === undefined) throw new UsageError("'import' needs a file.");
      return importFile(address, context);
    case 'list':
      if (address !== undefined) throw new UsageError("'list' takes no address.");
      await list(context);
      return;
    case 'reset':
    case 'disable':
    case 'enable':
      if (address === undefined) throw new UsageError(`'${command}' needs an address.`);
      return change(command, address, context);
    case 'role':
      if (address === undefined) throw new UsageError("'role' needs an address.");
      return changeRoles(address, values, context);
    default:
      throw new UsageError(
        command === undefined
          ? 'Which command of users?'
          : `users has no command '${command}'; it has ${Object.keys(OPTIONS_OF).join(', ')}.`,
      );
  }
}

/** Accounts that are held in memory at once. */
const PAGE = 500;

async function list({ open, print }: UsersCommandContext): Promise<void> {
  const pages = new UserPages((await open()).database);
  let after: string | undefined = '';
  while (after !== undefined) {
    const { items, next }: Page<User> = await pages.newest({ limit: PAGE, after });
    for (const user of items) print(line(user));
    after = next;
  }
}

/** Which options each command has. */
const OPTIONS_OF: Readonly<Record<string, readonly (keyof UsersOptions)[]>> = {
  add: ['email', 'role', 'invite'],
  import: [],
  list: [],
  role: ['add', 'remove'],
  reset: [],
  disable: [],
  enable: [],
};

function allowOptions(command = '', values: UsersOptions): void {
  const known = Object.hasOwn(OPTIONS_OF, command) ? OPTIONS_OF[command]! : undefined;
  const stray = known && Object.keys(values).find((name) => !known.includes(name as keyof UsersOptions));
  if (stray !== undefined) throw new UsageError(`'${command}' has no option --${stray}.`);
}

interface UsersOptions {
  readonly email?: string;
  readonly role?: string[];
  readonly invite?: boolean;
  readonly add?: string[];
  readonly remove?: string[];
}

function parsed(args: readonly string[]): { values: UsersOptions; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        email: { type: 'string' },
        role: { type: 'string', multiple: true },
        invite: { type: 'boolean' },
        add: { type: 'string', multiple: true },
        remove: { type: 'string', multiple: true },
      },
    });
  } catch (error) {
    throw usageErrorOf(error);
  }
}

async function add({ email, role = [], invite = false }: UsersOptions, context: UsersCommandContext): Promise<void> {
  if (email === undefined || !isEmail(email)) throw new UsageError('Give an e-mail address as --email.');
  const roles = rolesOf(role);
  const password = invite ? null : await newPassword(email, context);
  const { users, changes } = await context.open();
  const user = await users.register(email, password, roles, { isVerified: true });
  context.print(line(user));
  if (invite) await printTicket(user, changes, context);
}

/** Each once. @throws UsageError for what cannot be a role, and for too many */
function rolesOf(names: readonly string[]): string[] {
  const roles = [...new Set(names)];
  const wrong = roles.find((name) => !ROLE_NAME.test(name));
  if (wrong !== undefined) throw new UsageError(`'${wrong}' cannot be a role: use letters, digits and . _ : -`);
  if (roles.length > MAX_ROLES) throw new UsageError(`An account has at most ${MAX_ROLES} roles.`);
  return roles;
}

/** Tokens with the roles of before are refused within a minute, or when the service starts again. */
async function changeRoles(
  address: string,
  { add: added = [], remove = [] }: UsersOptions,
  context: UsersCommandContext,
): Promise<void> {
  if (added.length + remove.length === 0) throw new UsageError('Give --add <role> or --remove <role>.');
  rolesOf(added);
  const { users, changes } = await context.open();
  const user = await found(users, address);
  const roles = rolesOf([...user.roles, ...added].filter((name) => !remove.includes(name)));
  const changed = await changes.patch(user.id, { roles }, await context.now());
  context.print(line(changed!.user));
}

/** All that a file can be refused for is looked for before the database is opened. */
async function importFile(path: string, { open, print }: UsersCommandContext): Promise<void> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new AuthError('invalid_request', `${path} cannot be read (${cause.code}).`);
  });
  refuseFaults(parseUsers(text).faults);
  const { database } = await open();
  print(`imported ${await importUsers(database, text)}`);
}

async function found(users: UsersService, address: string): Promise<User> {
  const user = await users.findByEmail(address);
  if (!user) throw new AuthError('not_found', `${address} has no account.`);
  return user;
}

async function newPassword(email: string, { readPassword, rules }: UsersCommandContext): Promise<string> {
  const password = await readPassword();
  await (await rules()).assert(password, email);
  return password;
}

async function change(
  command: 'reset' | 'disable' | 'enable',
  address: string,
  context: UsersCommandContext,
): Promise<void> {
  const { users, changes } = await context.open();
  const user = await found(users, address);
  if (command === 'reset') return printTicket(user, changes, context);
  const changed = await changes.patch(user.id, { disabled: command === 'disable' }, await context.now());
  context.print(line(changed!.user));
}

async function printTicket({ id }: User, changes: AccountChanges, { now, print }: UsersCommandContext): Promise<void> {
  const issued = await changes.issueTicket(id, await now());
  print(`ticket ${issued!.ticket} until ${new Date(issued!.expiresAt).toISOString()}`);
}

const line = ({ id, email, roles, disabled }: User): string =>
  [id, email, roles.join(',') || '-', ...(disabled ? ['disabled'] : [])].join('  ');

#!/usr/bin/env node
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { AuthConfigError, AuthError, formatPolicyReport, policyReport } from '../../index.js';
import { loadConfig } from '../config/load-config.js';
import { hashClientSecret } from '../../internal.js';
import { KEYS_USAGE, runKeysCommand } from './keys-command.js';
import { DOCTOR_USAGE, runDoctor } from '../doctor/doctor-command.js';
import { runWhy, WHY_USAGE } from '../why/why-command.js';
import { SETTING_GROUPS } from '../config/settings.js';
import { settingsHelp } from './settings-help.js';
import { readPassword } from './read-password.js';
import {
  readAuthPolicy,
  readKeysConfig,
  readUsersConfig,
  readWhyConfig,
  type UsersConfig,
} from '../config/command.config.js';
import { readServiceConfig, type DatabaseConfig } from '../config/service.config.js';
import { OUTBOX_USAGE, USAGE, USERS_USAGE } from './usage.js';
import { runOutboxCommand } from './outbox-command.js';
import { forTerminal } from '../lifecycle/for-terminal.js';
import { OutboxTable } from '../outbox/outbox-table.js';
import { UsageError } from '../arguments/usage-error.js';
import { runUsersCommand } from './users-command.js';
import { AccountChanges } from '../accounts/account-changes.js';
import { openDataFolder } from '../data-folder/data-folder.js';
import { databaseTime, type Database } from '../database/database.js';
import { openEmbeddedDatabase } from '../database/embedded-database.js';
import { HashQueue } from '../accounts/hash-queue.js';
import { BreachedPasswords } from '../accounts/breached-passwords.js';
import { PasswordRules } from '../accounts/password-rules.js';
import { PasswordHasher } from '../accounts/passwords.js';
import { ServerDatabase, type ServerDatabaseOptions } from '../database/server-database.js';
import { UsersService } from '../accounts/users.service.js';

const snapshot = fileURLToPath(new URL('../../../pgdata.tar.gz', import.meta.url));
const closing: (() => Promise<void>)[] = [];

/** Who reads by `head` has enough before the end: no fault, and the rest need not be looked up. */
class NobodyReads extends Error {}
let isRead = true;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  isRead = false;
});

const area = process.argv[2];
const USAGES: ReadonlyMap<string | undefined, string> = new Map([
  ['keys', KEYS_USAGE],
  ['users', USERS_USAGE],
  ['outbox', OUTBOX_USAGE],
  ['doctor', DOCTOR_USAGE],
  ['why', WHY_USAGE],
]);
const usage = USAGES.get(area) ?? USAGE;

try {
  const args = process.argv.slice(3);
  if (area === '--version' || area === '-v') print(version());
  else if (area === '--help' || area === '-h' || area === 'help')
    process.stdout.write(`${USAGE}\n${settingsHelp(SETTING_GROUPS)}`);
  else if (args.includes('--help') || args.includes('-h')) process.stdout.write(usage);
  else if (area === 'users') await users(args);
  else if (area === 'keys') await keys(args);
  else if (area === 'outbox') await outbox(args);
  else if (area === 'clients' && args.length === 1 && args[0] === 'secret') clientSecret();
  else if (area === 'why') await why(args);
  else if (area === 'doctor') await doctor(args);
  else if (area === 'migrate' && args.length === 0) await migrate();
  else if (area === 'policy' && args.length === 0) await policy();
  else throw new UsageError(unknown(area, args));
} catch (error) {
  if (!(error instanceof NobodyReads)) tellFailure(error);
} finally {
  for (const close of closing.toReversed()) await close();
}

function tellFailure(error: unknown): void {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  const expected = [UsageError, AuthError, AuthConfigError].some((kind) => error instanceof kind);
  const { message, stack, fault } = error as AuthError;
  const told = expected ? [message, fault].filter(Boolean).join(' ') : stack;
  process.stderr.write(`keyturn: ${forTerminal(String(told))}\n${error instanceof UsageError ? `\n${usage}` : ''}`);
}

function unknown(command: string | undefined, args: readonly string[]): string {
  if (command === undefined) return 'Which command?';
  if (command === 'clients') return "clients has one command, 'secret'.";
  if (command === 'migrate' || command === 'policy') return `unexpected argument '${args[0]}' after '${command}'.`;
  return `there is no command '${command}'; there are users, keys, clients, why, doctor, outbox, migrate and policy.`;
}

async function users(args: readonly string[]): Promise<void> {
  const { config } = await loadConfig(readUsersConfig);
  let database: Database;
  await runUsersCommand(args, {
    rules: () => passwordRules(config),
    now: () => databaseTime(database),
    print,
    readPassword: () => readPassword(process.stdin, process.stderr),
    open: async () => {
      database = await openDatabase(config);
      const hasher = new PasswordHasher(new HashQueue({ concurrency: 1 }));
      return { users: new UsersService(database, hasher), changes: new AccountChanges(database), database };
    },
  });
}

async function passwordRules({ passwordMinLength, passwordBreached }: UsersConfig): Promise<PasswordRules> {
  const breached = passwordBreached === undefined ? null : await BreachedPasswords.open(passwordBreached);
  if (breached) closing.push(() => breached.close());
  return new PasswordRules({ minLength: passwordMinLength, service: process.env.AUTH_ISSUER ?? '', breached });
}

async function outbox(args: readonly string[]): Promise<void> {
  const { config } = await loadConfig(readUsersConfig);
  let database: Database;
  await runOutboxCommand(args, {
    open: async () => new OutboxTable((database = await openDatabase(config))),
    print,
    now: () => databaseTime(database),
  });
}

async function keys(args: readonly string[]): Promise<void> {
  const { config } = await loadConfig(readKeysConfig);
  await runKeysCommand(args, { ...config, now: Date.now, print });
}

async function why(args: readonly string[]): Promise<void> {
  Logger.overrideLogger(false);
  const { config } = await loadConfig(readWhyConfig);
  await runWhy(args, {
    redis: config.redis,
    userOf: async (email) => {
      const hasher = new PasswordHasher(new HashQueue({ concurrency: 1 }));
      return new UsersService(await openDatabase(config), hasher).findByEmail(email);
    },
    write,
  });
}

async function doctor(args: readonly string[]): Promise<void> {
  // What the parts would log is in the table.
  Logger.overrideLogger(false);
  process.exitCode = await runDoctor(args, {
    config: async () => (await loadConfig(readServiceConfig)).config,
    write,
    now: Date.now,
  });
}

/** A new secret for a client, and what the configuration keeps of it. The secret is printed here and nowhere else. */
function clientSecret(): void {
  const secret = randomBytes(32).toString('base64url');
  print(`secret (for the client, shown once):       ${secret}`);
  print(`hash (for secretHashes in AUTH_CLIENTS):   ${hashClientSecret(secret)}`);
}

/** What the settings mean, without the parts that only a running service needs. */
async function policy(): Promise<void> {
  const { config } = await loadConfig(readAuthPolicy);
  print(formatPolicyReport(policyReport(config)));
}

async function migrate(): Promise<void> {
  const { config } = await loadConfig(readUsersConfig);
  const { databaseUrl: url } = config;
  if (url === undefined) throw new UsageError('Set DATABASE_URL: the embedded database is migrated by each start.');
  const applied = await (await openServer({ url, migrate: true })).prepare();
  print(applied.length > 0 ? `applied ${applied.join(', ')}` : 'The schema is up to date.');
}

async function openDatabase({ databaseUrl, migrateOnStart, dataDir }: DatabaseConfig): Promise<Database> {
  if (databaseUrl !== undefined) {
    const database = await openServer({ url: databaseUrl, migrate: migrateOnStart });
    await database.prepare();
    return database;
  }
  const folder = await openDataFolder(dataDir);
  closing.push(() => folder.release());
  const database = await openEmbeddedDatabase(folder, { snapshot });
  closing.push(() => database.close());
  return database;
}

async function openServer(options: ServerDatabaseOptions): Promise<ServerDatabase> {
  const database = await ServerDatabase.at(options);
  closing.push(() => database.close());
  return database;
}

function version(): string {
  const manifest = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function print(line: string): void {
  write(`${line}\n`);
}

function write(text: string): void {
  if (!isRead) throw new NobodyReads();
  process.stdout.write(forTerminal(text));
}

import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { ConfigModule } from '@nestjs/config';
import { AuthConfigError, AuthError } from '../index.js';
import { readPassword } from './read-password.js';
import { readServiceConfig } from './service.config.js';
import { runUsersCommand, UsageError, USAGE } from './users-command.js';
import { AccountChanges } from './users/account-changes.js';
import { openDataFolder } from './users/data-folder.js';
import { openEmbeddedDatabase } from './users/embedded-database.js';
import { HashQueue } from './users/hash-queue.js';
import { PasswordHasher } from './users/passwords.js';
import { UsersService } from './users/users.service.js';

const snapshot = fileURLToPath(new URL('../../pgdata.tar.gz', import.meta.url));
const closing: (() => Promise<void>)[] = [];

try {
  const [area, ...args] = process.argv.slice(2);
  if (area === '--help' || area === '-h' || args.includes('--help')) process.stdout.write(USAGE);
  else if (area === 'users') await users(args);
  else throw new UsageError(area === undefined ? 'Say what to do.' : `'${area}' is no command.`);
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  const expected = [UsageError, AuthError, AuthConfigError].some((kind) => error instanceof kind);
  const { message, stack } = error as Error;
  process.stderr.write(`keyturn: ${expected ? message : stack}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`);
} finally {
  for (const close of closing.toReversed()) await close();
}

async function users(args: readonly string[]): Promise<void> {
  await ConfigModule.forRoot();
  const config = readServiceConfig(process.env);
  await runUsersCommand(args, {
    passwordMinLength: config.passwordMinLength,
    now: Date.now,
    print: (line) => void process.stdout.write(`${line}\n`),
    readPassword: () => readPassword(process.stdin, process.stderr),
    open: async () => {
      const folder = await openDataFolder(config.dataDir);
      closing.push(() => folder.release());
      const database = await openEmbeddedDatabase(folder, { snapshot });
      closing.push(() => database.close());
      const hasher = new PasswordHasher(new HashQueue({ concurrency: 1 }));
      return { users: new UsersService(database, hasher), changes: new AccountChanges(database) };
    },
  });
}

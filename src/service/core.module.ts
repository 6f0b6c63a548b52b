import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { keysInFolder, SIGNING_KEYS } from './keys/key-file.js';
import type { LoadedConfig } from './config/load-config.js';
import type { ServiceConfig } from './config/service.config.js';
import { openDataFolder, type DataFolder } from './data-folder/data-folder.js';
import type { LostListener } from './data-folder/folder-lock.js';
import { Database } from './database/database.js';
import { openEmbeddedDatabase } from './database/embedded-database.js';
import { HashQueue } from './accounts/hash-queue.js';
import { HashThreads } from './accounts/hash-threads.js';
import { BreachedPasswords } from './accounts/breached-passwords.js';
import { PasswordRules } from './accounts/password-rules.js';
import { ARGON2ID, PasswordHasher } from './accounts/passwords.js';
import { ServerDatabase } from './database/server-database.js';
import { MailTickets } from './accounts/tickets.js';
import { AccountLinks } from './mail/account-links.js';
import type { AccountMailer } from './mail/account-mailer.js';
import { chooseMailer, MAIL_DELIVERY } from './mail/choose-mailer.js';
import { SERVICE_VERSION } from './metrics/state-gauges.js';
import { UsersService } from './accounts/users.service.js';

const DATA_FOLDER = Symbol('data folder');
const HASH_THREADS = Symbol('threads that hash passwords');

/** What the entry point gives beside the settings, since only it knows where it runs. */
export interface ServiceSetup {
  /** The archive a new embedded database is unpacked from; without it the first start takes longer. */
  readonly databaseSnapshot?: string;
  /**
   * The folder of what runs in browsers, as `scripts/build-pages.mjs` makes it: needed with `ACCOUNT_PAGE=true`, and without
   * it there is no playground.
   */
  readonly pages?: string;
  /** The program of the threads that hash passwords; without it they are hashed on the main thread. */
  readonly hashThread?: string;
  /** Called when another process took the data folder over; by default the process ends. */
  readonly onDataFolderLost?: LostListener;
  /** Sends the mails to users, in place of what the settings say: for those who embed the service. */
  readonly mailer?: AccountMailer;
  /** Of the service, for log and metrics. */
  readonly version?: string;
}

/** What the service needs before it can say anything: configuration, data folder, users, keys. */
@Module({})
export class CoreModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DATA_FOLDER) private readonly folder: DataFolder | null,
    @Inject(BreachedPasswords) private readonly breached: BreachedPasswords | null,
    @Inject(HASH_THREADS) private readonly threads: HashThreads | null,
  ) {}

  static forRoot(
    { config, module }: LoadedConfig,
    { databaseSnapshot, hashThread, onDataFolderLost, mailer, version = 'unknown' }: ServiceSetup = {},
  ): DynamicModule {
    return {
      module: CoreModule,
      global: true,
      imports: [module],
      providers: [
        { provide: SERVICE_VERSION, useValue: version },
        {
          provide: DATA_FOLDER,
          // Opened first: a start that fails by its list leaves no folder locked and no query under way.
          inject: [BreachedPasswords],
          useFactory: () => (needsFolder(config) ? openDataFolder(config.dataDir, onDataFolderLost) : null),
        },
        {
          provide: Database,
          inject: [DATA_FOLDER],
          useFactory: (folder: DataFolder | null) => openDatabase(config, folder, databaseSnapshot),
        },
        {
          provide: SIGNING_KEYS,
          inject: [DATA_FOLDER],
          useFactory: async (folder: DataFolder | null) =>
            config.keys ?? (await keysInFolder(folder!.path, config.auth.algorithm)),
        },
        { provide: HashQueue, useFactory: () => new HashQueue({ concurrency: config.hashConcurrency }) },
        { provide: HASH_THREADS, useFactory: () => (hashThread === undefined ? null : new HashThreads(hashThread)) },
        {
          provide: PasswordHasher,
          inject: [HashQueue, HASH_THREADS],
          useFactory: (queue: HashQueue, threads: HashThreads | null) =>
            new PasswordHasher(queue, ARGON2ID, threads ? (job) => threads.perform(job) : undefined),
        },
        UsersService,
        {
          provide: BreachedPasswords,
          useFactory: () =>
            config.passwordBreached === undefined ? null : BreachedPasswords.open(config.passwordBreached),
        },
        {
          provide: PasswordRules,
          inject: [BreachedPasswords],
          useFactory: (breached: BreachedPasswords | null) =>
            new PasswordRules({
              minLength: config.passwordMinLength,
              service: new URL(config.auth.issuer).hostname,
              breached,
            }),
        },
        { provide: MAIL_DELIVERY, useFactory: () => chooseMailer(config, mailer) },
        { provide: MailTickets, inject: [SIGNING_KEYS], useFactory: (keys: string) => new MailTickets(keys) },
        { provide: AccountLinks, useFactory: () => new AccountLinks({ ...config, issuer: config.auth.issuer }) },
      ],
      exports: [
        SERVICE_VERSION,
        SIGNING_KEYS,
        Database,
        HashQueue,
        PasswordHasher,
        PasswordRules,
        UsersService,
        MAIL_DELIVERY,
        MailTickets,
        AccountLinks,
      ],
    };
  }

  /** The last to go: until the server is closed, requests under way still need it. */
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
    await this.folder?.release();
    await this.breached?.close();
    await this.threads?.close();
  }
}

/** Many instances have no folder of their own, and a container may have none that can be written to. */
const needsFolder = ({ databaseUrl, keys }: ServiceConfig): boolean => databaseUrl === undefined || keys === undefined;

async function openDatabase(
  { databaseUrl, migrateOnStart }: ServiceConfig,
  folder: DataFolder | null,
  snapshot?: string,
): Promise<Database> {
  if (databaseUrl === undefined) return openEmbeddedDatabase(folder!, { snapshot });
  const database = await ServerDatabase.at({ url: databaseUrl, migrate: migrateOnStart });
  await database.prepareAtLast();
  return database;
}

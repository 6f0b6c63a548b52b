import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { buildPages } from '../../scripts/build-pages.mjs';
import type { ServiceSetup } from '../../src/service/core.module.js';
import { createService } from '../../src/service/create-service.js';
import { loadConfig } from '../../src/service/config/load-config.js';
import { readServiceConfig } from '../../src/service/config/service.config.js';
import { databaseThere } from './database-there.js';
import { putNewDatabase } from './new-database.js';
import { startPostgres } from './postgres-server.js';
import { registered, reportFault } from './registry.js';

/** The standalone service as it runs, on a free port and in a data folder of its own. */
export interface RunningService {
  readonly url: string;
  readonly app: INestApplication;
  /** Sends JSON and reads JSON; a body makes it a POST. */
  call(path: string, request?: CallRequest): Promise<Answer>;
  stop(): Promise<void>;
}

export interface CallRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked into by tests
  readonly body: any;
}

export type ServiceEnvironment = Readonly<Record<string, string>>;

/** `DATABASE_URL` for a service whose users are embedded, as they are by default. */
export const EMBEDDED = { DATABASE_URL: '' };

/**
 * @param env settings, as the environment gives them. Users are in a new database of the run's PostgreSQL, which takes a
 *   tenth of the embedded one's time to start; with {@link EMBEDDED}, or a `DATA_DIR` to start in again, they are embedded.
 */
export const startService = (env: ServiceEnvironment = {}, setup: ServiceSetup = {}): Promise<RunningService> =>
  registered(start(env, setup), 'stop');

async function start(env: ServiceEnvironment, setup: ServiceSetup): Promise<RunningService> {
  const postgres = 'DATABASE_URL' in env || 'DATA_DIR' in env ? undefined : await startPostgres();
  const dataDir = await mkdtemp(join(tmpdir(), 'keyturn-service-'));
  const loaded = await loadConfig(readServiceConfig, {
    PORT: '0',
    AUTH_ISSUER: 'http://localhost:3000',
    LOG_LEVEL: 'fatal',
    DATA_DIR: dataDir,
    // Tests log in again and again from one address; those of limits set their own.
    LOGIN_LIMITS: 'off',
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...env,
  });
  const { config } = loaded;
  if (config.databaseUrl === undefined) await putNewDatabase(config.dataDir);
  const pages = `${dataDir}-pages`;
  if (config.accountClient) await buildPages(pages);
  const hashThread = process.env.EQUAL_HASH_THREAD_TEST;
  const app = await createService(loaded, { onDataFolderLost: reportFault, pages, hashThread, ...setup });
  await app.listen({ port: 0, host: '127.0.0.1' });
  if (postgres) await databaseThere(app);
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  return {
    url,
    app,
    call: (path, request) => call(url + path, request),
    stop: async () => {
      await app.close();
      await postgres?.stop();
      for (const folder of [dataDir, pages]) await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function call(url: string, { method, body, token, headers = {} }: CallRequest = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

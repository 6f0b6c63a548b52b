import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from '../faults/build.mjs';
import { startRedis } from '../faults/redis.mjs';
import { ask, startPostgresServer } from '../support/postgres-process.mjs';
import { startMails } from './mails.mjs';
import { startProcess, until } from '../../scripts/started-process.mjs';

export const PASSWORD = 'correct horse battery';
/** What anybody who sends a request can be told; 503 where passwords are hashed faster than they come. */
export const REFUSALS = [400, 401, 403, 404, 405, 409, 413, 414, 415, 429, 431, 503];

/** An account that was disabled before the service started; its password is everybody's here. */
const DISABLED = 'disabled@shop.example';

/**
 * The service as it ships, over a Redis that writes down all it is told, with its logs and secrets kept.
 * @param more settings, besides those that every family needs
 * @param durable whether Redis writes each command down before it answers: slow, and for the search for leaks alone
 */
export async function startTarget(more = {}, durable = true) {
  const redis = await startRedis(durable ? { args: ['--appendonly', 'yes', '--appendfsync', 'always'] } : {});
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-attacks-'));
  const logs = [];
  const data = { DATA_DIR: join(folder, 'data') };
  const users = (args, input) =>
    execFileSync(process.execPath, [pathOf('service/cli/cli.js'), 'users', ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...data },
      input,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  users(['add', '--email', DISABLED], `${PASSWORD}\n`);
  users(['disable', DISABLED]);
  const clientSecret = randomBytes(32).toString('base64url');
  const secretHash = createHash('sha256').update(clientSecret).digest('base64url');
  const secrets = new Set([PASSWORD, clientSecret]);
  /** Remembers what an answer, a request or a mail carries, so that the search for leaks knows it. */
  const note = (value) => {
    if (typeof value !== 'string') return;
    if (value.split('.').length === 3) for (const part of value.split('.').slice(1)) secrets.add(part);
    secrets.add(value);
  };
  const mails = await startMails(note);
  const postgres = await startPostgresServer();
  await postgres.ready;
  const { url, child, exit } = await startProcess({
    entry: pathOf('main.js'),
    cwd: folder,
    env: {
      ...data,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      NOTIFY_URL: mails.url,
      NOTIFY_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
      LOG_LEVEL: 'verbose',
      // Families that need thousands of logins look at what stands behind the limits.
      LOGIN_LIMITS: 'off',
      AUTH_CLIENTS: JSON.stringify({ app: {}, web: { transport: 'cookie' }, rs: { secretHashes: [secretHash] } }),
      ...more,
    },
    readyWithin: 120_000,
    onOutput: (piece) => logs.push(piece),
  });

  const call = async (path, { method = 'POST', headers = {}, body, raw = false } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined || raw ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    let answer = null;
    try {
      answer = JSON.parse(text);
    } catch {
      // Not every answer is JSON.
    }
    for (const name of ['access_token', 'refresh_token', 'device_token', 'ticket']) note(answer?.[name]);
    return { status: response.status, headers: response.headers, text, body: answer };
  };
  let accounts = 0;
  const target = {
    url,
    secrets,
    disabled: DISABLED,
    /** Of the client rs. */
    clientSecret,
    note,
    call,
    logs: () => logs.join(''),
    isAlive: async () => child.exitCode === null && (await call('/health/live', { method: 'GET' })).status === 200,
    /** An account that nobody else knows, logged in. */
    async account(clientId = 'app') {
      const email = `user-${accounts++}@shop.example`;
      const made = await call('/auth/register', { body: { email, password: PASSWORD } });
      if (made.status !== 201) throw new Error(`register: ${made.status} ${made.text}`);
      const login = await call('/auth/login', {
        body: { email, password: PASSWORD, client_id: clientId },
        headers: { 'sec-fetch-site': 'same-origin' },
      });
      if (login.status !== 200) throw new Error(`login: ${login.status} ${login.text}`);
      return { email, tokens: login.body, device: login.body.device_token, cookies: login.headers.getSetCookie() };
    },
    /** A login with the right password. */
    login: (email, more = {}, headers = {}) =>
      call('/auth/login', { body: { email, password: PASSWORD, client_id: 'app', ...more }, headers }),
    mails,
    /** The statement's rows, behind the service's back. */
    ask: (statement) => ask(postgres.url, statement),
    until,
    /**
     * What Redis and PostgreSQL hold and have written: dump, append-only file, tables (the outbox among them), their log.
     */
    async written() {
      await redis.client.save();
      await ask(postgres.url, 'checkpoint');
      return [...filesIn(redis.folder, 'Redis'), ...filesIn(postgres.data, 'PostgreSQL')];
    },
    async stop() {
      child.kill('SIGTERM');
      await exit;
      await redis.stop();
      await postgres.stop();
      await mails.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return target;
}

const filesIn = (folder, of) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => ({
      name: `${of}'s ${name}`,
      bytes: readFileSync(join(parentPath ?? path, name)),
    }));

/** Runs work `count` times, some at once. */
export async function inParallel(count, lanes, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

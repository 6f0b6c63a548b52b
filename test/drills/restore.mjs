// npm run test:restore: the backup and restore drill of docs/operations.md, on real servers. People log in and go on
// working after the backups were taken; then both servers are lost and come back from them, on new ones.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { RedisServer, startRedis } from '../faults/redis.mjs';
import { startPostgres } from './postgres.mjs';
import { accountOf, call, expectCall, startService } from './service.mjs';

const PEOPLE = 20;
const KEPT_FROM_STARTING = ['--save', '', '--appendonly', 'no'];

await import('../../scripts/build-if-needed.mjs');
const { generateKeys } = await import('../../dist/esm/index.js');
const say = (text) => process.stdout.write(`restore: ${text}\n`);
const scratch = mkdtempSync(join(tmpdir(), 'keyturn-restore-'));
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
const owned = async (starting) => {
  const thing = await starting;
  closing.push(async () => thing.stop());
  return thing;
};

try {
  const settings = {
    AUTH_KEYS: JSON.stringify(generateKeys()),
    AUTH_ISSUER: 'https://auth.example',
    LOGIN_LIMITS: 'off',
    LOG_FORMAT: 'json',
  };
  const serve = (redis, postgres) =>
    startService({
      entry: `${root}dist/esm/main.js`,
      cwd: scratch,
      env: { ...settings, REDIS_URL: redis.url, DATABASE_URL: postgres.url },
    });

  const [redis, postgres] = [await owned(startRedis()), await owned(startPostgres())];
  let service = await serve(redis, postgres);
  closing.push(async () => service.kill());
  const accounts = Array.from({ length: PEOPLE }, (_, index) => accountOf(`person-${index}`));
  for (const body of accounts) await expectCall(201, `${service.url}/auth/register`, { body });
  const tokens = new Map();
  for (const body of accounts) {
    tokens.set(body.email, (await expectCall(200, `${service.url}/auth/login`, { body })).refresh_token);
  }
  await turnAll(tokens, service);

  // The backups, while the service runs.
  const dump = postgres.run('pg_dump', ['--no-owner', '--dbname', postgres.url]);
  const snapshot = join(scratch, 'dump.rdb');
  await redis.client.save();
  copyFileSync(join(redis.folder, 'dump.rdb'), snapshot);

  // What happens after a backup: everybody turns the key twice more, one logs out, one changes the password.
  await turnAll(tokens, service);
  await turnAll(tokens, service);
  const [leaving, changing] = accounts;
  const dead = tokens.get(leaving.email);
  await expectCall(204, `${service.url}/auth/logout`, { body: { refresh_token: dead } });
  tokens.delete(leaving.email);
  const login = await expectCall(200, `${service.url}/auth/login`, { body: changing });
  const changed = { current_password: changing.password, new_password: 'a second battery staple' };
  const renewed = await expectCall(200, `${service.url}/auth/password`, { body: changed, token: login.access_token });
  const beforeChange = tokens.get(changing.email);
  tokens.delete(changing.email);

  // Redis alone comes back from its older snapshot; PostgreSQL was not lost.
  await service.kill();
  const second = await owned(restoredRedis(snapshot));
  service = await serve(second, postgres);
  await second.client.config('SET', 'appendonly', 'yes');
  await turnAll(tokens, service);
  say(`Redis from an older snapshot: ${tokens.size} of ${tokens.size} go on with their tokens`);
  await expectCall(401, `${service.url}/auth/refresh`, { body: { refresh_token: beforeChange } });
  say('whoever changed the password stays changed: the old session is refused');
  const { status } = await call(`${service.url}/auth/refresh`, { body: { refresh_token: dead } });
  say(`a logout after the snapshot, which no living instance remembers: ${status} (as told)`);
  const { status: later } = await call(`${service.url}/auth/refresh`, {
    body: { refresh_token: renewed.refresh_token },
  });
  say(`a session opened after the snapshot: ${later} (as told)`);

  // PostgreSQL alone comes back from its dump, on a new server; Redis is the one that was never lost.
  await service.kill();
  const third = await owned(startPostgres());
  third.run('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', '--dbname', third.url], dump);
  service = await serve(redis, third);
  const [{ count }] = await third.ask('select count(*)::int as count from users');
  if (count !== PEOPLE) throw new Error(`${count} users of ${PEOPLE}`);
  await turnAll(tokens, service);
  for (const body of accounts) {
    if (body !== changing) await expectCall(200, `${service.url}/auth/login`, { body });
  }
  say(`PostgreSQL from its dump: ${count} accounts, everybody logs in and goes on`);
  // Redis remembers that the generation rose: the login raises it in the restored table again.
  const body = { email: changing.email, password: changed.new_password };
  await expectCall(401, `${service.url}/auth/login`, { body });
  const again = await expectCall(200, `${service.url}/auth/login`, { body: changing });
  await expectCall(200, `${service.url}/auth/refresh`, { body: { refresh_token: again.refresh_token } });
  await expectCall(401, `${service.url}/auth/refresh`, { body: { refresh_token: beforeChange } });
  say('who changed the password after the dump logs in with the one that the dump has; older sessions stay dead');
  if (service.log().includes('token.reused')) throw new Error('a restore raised a theft alarm');
} finally {
  for (const close of closing.toReversed()) await close();
}
// Not by process.exitCode: a kept connection must not hold up a finished run.
process.exit(0);

async function turnAll(held, { url }) {
  for (const [email, token] of held) {
    const answer = await expectCall(200, `${url}/auth/refresh`, { body: { refresh_token: token } });
    held.set(email, answer.refresh_token);
  }
}

/** A new server that finds the snapshot in its folder. */
async function restoredRedis(path) {
  const server = new RedisServer({ args: KEPT_FROM_STARTING });
  copyFileSync(path, join(server.folder, 'dump.rdb'));
  return server.start();
}

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runKeysCommand } from '../../src/service/cli/keys-command.js';
import { readAuthPolicy } from '../../src/service/config/command.config.js';
import { PASSWORD, startAccounts, type Account, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { readToken } from '../support/adapters.js';
import { startPostgres, type PostgresDatabase } from '../support/postgres-server.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import type { Answer } from '../support/service.js';

const ENV = { ACCESS_TTL: '10s', REFRESH_GRACE: '30s', SLIDING_LIMIT: '0s' };
const kidOf = (token: string) => readToken(token, 0).kid as string;

let postgres: PostgresDatabase;
let redis: RedisServer;
let folder: string;
let file: string;
let instances: ServiceWithAccounts[];

const run = async (args: string): Promise<void> =>
  runKeysCommand(args.split(' '), { file, policy: readAuthPolicy(ENV), print: () => undefined, now: Date.now });
const kids = async (purpose: string) =>
  (JSON.parse(await readFile(file, 'utf8')) as { keys: { kid: string; purpose: string }[] }).keys
    .filter((key) => key.purpose === purpose)
    .map(({ kid }) => kid);
const publishedBy = async (service: ServiceWithAccounts) =>
  ((await service.call('/.well-known/jwks.json')).body.keys as { kid: string }[]).map(({ kid }) => kid);
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(50)) {
    if (Date.now() > end) throw new Error(`${what}: it did not come to this`);
  }
}
const everyInstance = (what: string, holds: (service: ServiceWithAccounts) => Promise<boolean>) =>
  until(what, async () => (await Promise.all(instances.map(holds))).every(Boolean));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-rotation-'));
  file = join(folder, 'keys.json');
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  await run('generate');
  const env = { ...ENV, DATABASE_URL: postgres.url, REDIS_URL: redis.url, AUTH_KEYS_FILE: file };
  instances = [await startAccounts(env), await startAccounts(env)];
});
afterAll(async () => {
  await Promise.all(instances.map((service) => service.stop()));
  await Promise.all([postgres.stop(), redis.stop()]);
  await rm(folder, { recursive: true });
});

/** Users who come to any instance for each request, until they are told to go home. */
class Crowd {
  readonly refused: string[] = [];
  readonly tokens: Tokens[] = [];
  answered = 0;
  private going = true;
  private users: Promise<unknown> = Promise.resolve();

  async gather(size: number): Promise<void> {
    const accounts = await Promise.all(Array.from({ length: size }, () => instances[0]!.account()));
    this.users = Promise.all(accounts.map((account, index) => this.come(account, index)));
    // Told where it is waited for, and not as well where the test has failed by then.
    this.users.catch(() => undefined);
  }

  async goHome(): Promise<void> {
    this.going = false;
    await this.users;
  }

  private async come(account: Account, seat: number): Promise<void> {
    let turn = seat;
    const any = () => instances[turn++ % instances.length]!;
    while (this.going) {
      const login = await this.ask('login', () =>
        any().call('/auth/login', { body: { email: account.email, password: PASSWORD } }),
      );
      this.tokens[seat] = login.body as Tokens;
      for (let step = 0; step < 4 && this.going; step++) {
        const { access_token: token, refresh_token } = this.tokens[seat];
        await this.ask('me', () => any().call('/auth/me', { token }));
        const refreshed = await this.ask('refresh', () => any().call('/auth/refresh', { body: { refresh_token } }));
        this.tokens[seat] = refreshed.body as Tokens;
        await sleep(20);
      }
    }
  }

  /** Comes again where it is told to, as a busy machine may do: no key was asked about then. */
  private async ask(what: string, send: () => Promise<Answer>): Promise<Answer> {
    let answer = await send();
    for (let tries = 0; answer.status === 503 && tries < 100; tries++) {
      await sleep(50);
      answer = await send();
    }
    this.answered += 1;
    if (answer.status !== 200) this.refused.push(`${what}: ${answer.status} ${String(answer.body?.code)}`);
    return answer;
  }
}

describe('two instances with one key file', () => {
  it('rotate both keys under load without a single refused request', async () => {
    const crowd = new Crowd();
    await crowd.gather(4);
    const [[oldAccess], [oldRefresh]] = [await kids('access'), await kids('refresh')];
    const byOld = await instances[0]!.login(await instances[0]!.account());
    expect([kidOf(byOld.access_token), kidOf(byOld.refresh_token)]).toEqual([oldAccess, oldRefresh]);
    await run('add --purpose access --use-from 15s');
    await run('add --purpose refresh --use-from 15s');
    const [[, newAccess], [, newRefresh]] = [await kids('access'), await kids('refresh')];
    await everyInstance('published', async (service) => (await publishedBy(service)).includes(newAccess!));

    // A file that is broken in between is not taken, nor does it keep the keys of before from changing by time.
    const whole = await readFile(file, 'utf8');
    await writeFile(file, whole.slice(0, 100));
    await until('all have new tokens', async () =>
      crowd.tokens.every((t) => kidOf(t.access_token) === newAccess && kidOf(t.refresh_token) === newRefresh),
    );
    await writeFile(file, whole);
    expect(await instances[1]!.toldAtRefresh(byOld)).toBe('ok');

    // All that the old keys signed has been used or has run out by then.
    await run(`retire ${oldAccess} --at 3s`);
    await run(`retire ${oldRefresh} --at 3s`);
    await everyInstance('not published', async (service) => !(await publishedBy(service)).includes(oldAccess!));
    await run('drop');
    expect(await kids('access')).toEqual([newAccess]);
    const before = crowd.answered;
    await until('further requests', async () => crowd.answered > before + 20);
    await crowd.goHome();
    expect(crowd.refused).toEqual([]);
  });

  it('refuse the tokens of a key that leaked at once, and no refresh token with them', async () => {
    const [first, second] = instances as [ServiceWithAccounts, ServiceWithAccounts];
    const tokens = await first.login(await first.account());
    const [leaked] = await kids('access');
    expect(kidOf(tokens.access_token)).toBe(leaked);
    // Seen before, so that they are in the cache of verified tokens of both.
    expect([await first.told(tokens), await second.told(tokens)]).toEqual(['ok', 'ok']);
    await run('add --purpose access --use-from now');
    await run(`retire ${leaked} --at now`);
    await everyInstance('refused', async (service) => (await service.told(tokens)) === 'token_expired');
    for (const service of instances) {
      expect(await publishedBy(service)).not.toContain(leaked);
      const renewed = (await service.refresh(tokens)).body as Tokens;
      expect([await first.told(renewed), await second.told(renewed)]).toEqual(['ok', 'ok']);
    }
  });
});

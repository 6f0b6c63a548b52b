import { ANNOUNCEMENTS } from '../../src/service/accounts/announcement.js';
import { Outbox } from '../../src/service/outbox/outbox.js';
import { PasswordHasher } from '../../src/service/accounts/passwords.js';
import { startAccounts, type ServiceWithAccounts, type Tokens } from '../support/accounts.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import type { Answer } from '../support/service.js';

/** `PASSWORD_RACES=20000` for the long run. */
const LOGINS = Number(process.env.PASSWORD_RACES ?? 240);
const BEFORE = 8;
/** At most; each starts an answered call after the one before, so that they spread over the change. */
const DURING = 12;
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 };

/** What a client gets that tries again as it is told. */
async function settled(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
  }
  throw new Error('answered 503 a hundred times');
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(['in memory', 'in Redis'] as const)('a password change among logins, sessions %s', (where) => {
  let service: ServiceWithAccounts;
  beforeAll(async () => {
    service = await startAccounts({ MAX_SESSIONS: '1000', ...(where === 'in Redis' && { REDIS_URL: redis.url }) });
    // What races is the order of reads and writes, not the hashing, which would take a hundred times as long.
    Object.assign(service.app.get(PasswordHasher, { strict: false }), { cost: CHEAP });
  });
  afterAll(() => service.stop());

  it(
    'leaves no session to the old password, however the two meet',
    async () => {
      const account = await service.account();
      let [password, next] = [account.password, 'another horse battery'];
      let tokens = await service.login(account);
      const outcomes = { opened: 0, refused: 0, survivors: 0 };

      for (let done = 0; done < LOGINS;) {
        const login = () => service.call('/auth/login', { body: { email: account.email, password } });
        const logins = Array.from({ length: BEFORE }, login);
        const change = service.call('/auth/password', {
          body: { current_password: password, new_password: next },
          token: tokens.access_token,
        });
        for (let n = 0; n < DURING; n++) {
          await service.call('/health/live');
          logins.push(login());
        }
        done += logins.length;
        const changed = await change;
        const answers = await Promise.all(logins);
        if (changed.status === 200) {
          tokens = changed.body as Tokens;
          [password, next] = [next, password];
        } else {
          // A busy machine may be too slow for `commandTimeout`: before the change was written, or after.
          expect([changed.status, changed.body.code]).toEqual([503, 'store_unavailable']);
          const old = await settled(login);
          if (old.status !== 200) [password, next] = [next, password];
          tokens = old.status === 200 ? old.body : (await settled(login)).body;
          await service.app.get(Outbox, { strict: false }).retryNow(ANNOUNCEMENTS);
          if (old.status === 200) continue;
        }
        for (const { status, body } of answers) {
          outcomes[status === 200 ? 'opened' : 'refused']++;
          if (status !== 200) expect(['invalid_credentials', 'store_unavailable']).toContain(body.code);
          else if ((await service.told(body)) === 'ok') outcomes.survivors++;
          else if ((await settled(() => service.refresh(body))).status === 200) outcomes.survivors++;
        }
      }

      expect(outcomes.survivors).toBe(0);
      // Else the two never met, and the test would show nothing.
      expect(Math.min(outcomes.opened, outcomes.refused)).toBeGreaterThan(LOGINS / 20);
      expect(await service.told(tokens)).toBe('ok');
    },
    30_000 + LOGINS * 200,
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import { crowdAt } from './asks.mjs';

const PASSWORD = 'correct horse battery staple';
/** Milliseconds, as the rows set `revocation.maxStaleness`. */
const MAX_STALENESS = 1_000;
const ENDED = ['session_revoked', 'session_ended', 'token_reused'];

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

/** The people of the services of a row. What is asked of a small host by messages is asked of a service over HTTP. */
export class Accounts {
  grants = new Map();
  administrator = undefined;

  constructor(postgres) {
    this.postgres = postgres;
  }

  asksOf({ url, door }) {
    const must = async (answer) => {
      const { status, code } = await answer;
      if (status === 401 && ENDED.includes(code)) return;
      if (status < 200 || status > 299)
        throw new Error(status === 503 || status === 0 ? 'store_unavailable' : `${status} ${code}`);
    };
    const grantOf = ({ sub, sid }) => this.grants.get(sid ?? sub);
    return {
      open: async ({ subs }) => (await this.loginAll(door, subs)).map(({ refreshToken }) => refreshToken),
      login: ({ subs }) => this.loginAll(door, subs),
      revoke: (session) => must(door.call('DELETE', `/auth/sessions/${session.sid}`, grantOf(session))),
      revokeAll: ({ sub }) => must(door.call('POST', '/auth/logout-all', grantOf({ sub }))),
      changePassword: ({ sub }) => must(door.call('POST', '/auth/password', { ...grantOf({ sub }), body: CHANGE })),
      disable: async ({ sub }) => {
        const { accessToken } = await this.administratorAt(door);
        await must(door.call('PATCH', `/admin/users/${sub}`, { accessToken, body: { disabled: true } }));
      },
      isStale: async () => {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        return Number(/^keyturn_feed_staleness_seconds(?:\{.*\})? (\S+)/m.exec(metrics)?.[1]) * 1_000 > MAX_STALENESS;
      },
      crowd: async ({ tokens, times }) => {
        const answers = await Promise.all(tokens.map((token, index) => crowdAt(door, token, times[index])));
        return { answers, sessions: [] };
      },
    };
  }

  /** One after another: the service hashes as many passwords at once as it has cores to spare. */
  async loginAll(door, names) {
    const grants = [];
    for (const name of names) grants.push(await this.login(door, name));
    return grants;
  }

  /** An account with one session. */
  async login(door, name) {
    const body = { email: `${name}@example.com`, password: PASSWORD };
    await patiently(() => door.call('POST', '/auth/register', { body }), 201, 409);
    const { accessToken, refreshToken, sessionId } = await patiently(
      () => door.call('POST', '/auth/login', { body }),
      200,
    );
    const grant = { accessToken, refreshToken, sessionId, sub: claimsOf(accessToken).sub };
    this.grants.set(sessionId, grant).set(grant.sub, grant);
    return grant;
  }

  async administratorAt(door) {
    this.administrator ??= (async () => {
      await this.login(door, 'administrator');
      await this.postgres.ask(`update users set roles = '{admin}' where email = 'administrator@example.com'`);
      return this.login(door, 'administrator');
    })();
    return this.administrator;
  }
}

const CHANGE = { current_password: PASSWORD, new_password: 'another horse battery staple' };

/** A call that finds the store busy is tried again, as people do. */
async function patiently(call, ...wanted) {
  for (let tries = 0; tries < 50; tries += 1) {
    const { status, code, ...answer } = await call();
    if (wanted.includes(status)) return answer;
    if (status !== 503 && status !== 0) throw new Error(`answered ${status} ${code}`);
    await sleep(200);
  }
  throw new Error('no answer in 50 tries');
}

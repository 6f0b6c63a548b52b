import { setTimeout as sleep } from 'node:timers/promises';
import { accountOf, call, expectCall } from '../drills/service.mjs';

/** How a visit goes: a login, then turns of the refresh token, each followed by guarded requests, then a logout. */
const TURNS = 12;
const GUARDED = 3;
const PAUSE = [20, 120];
/** How long another instance may take to hear of a logout. */
const HEARD_WITHIN = 2_000;

/**
 * People who log in, work and log out, each request by a door of its own chance.
 * @param doors the urls that an orchestrator would send requests to; changed from outside
 */
export async function startPeople({ count, doors, chance }) {
  const counted = { requests: 0, logins: 0, refreshes: 0, guarded: 0, logouts: 0, failed: 0, lost: 0, alive: 0 };
  const faults = [];
  const end = new AbortController();
  const accounts = Array.from({ length: count }, () => accountOf(chance.text()));
  for (const body of accounts) await expectCall(201, `${doors[0]}/auth/register`, { body });

  async function ask(kind, path, request, want) {
    const door = chance.of(doors);
    const answer = await call(door + path, request);
    counted.requests += 1;
    counted[kind] += 1;
    if (answer.status === want) return answer.body;
    counted[kind === 'refreshes' && answer.status === 401 ? 'lost' : 'failed'] += 1;
    faults.push(`${kind}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return null;
  }

  const guarded = (token) => ask('guarded', '/auth/me', { token }, 200);
  const pause = () => sleep(chance.between(...PAUSE));

  async function visit(body) {
    let tokens = await ask('logins', '/auth/login', { body }, 200);
    for (let turn = 0; tokens && turn < TURNS; turn += 1) {
      for (let i = 0; i < GUARDED; i += 1) await guarded(tokens.access_token);
      await pause();
      tokens = await ask('refreshes', '/auth/refresh', { body: { refresh_token: tokens.refresh_token } }, 200);
    }
    return tokens;
  }

  /** The other release must hear of it too: no instance may go on taking the token. */
  async function leave({ refresh_token: refresh, access_token: token }) {
    await ask('logouts', '/auth/logout', { body: { refresh_token: refresh } }, 204);
    await sleep(HEARD_WITHIN);
    for (const door of doors) {
      const { status } = await call(`${door}/auth/me`, { token });
      if (status !== 401) {
        counted.alive += 1;
        faults.push(`a token that was called back: ${status}`);
      }
    }
  }

  const loops = accounts.map(async (body) => {
    await sleep(chance.between(0, 2_000));
    while (!end.signal.aborted) {
      const tokens = await visit(body);
      if (tokens) await leave(tokens);
      else await pause();
    }
  });
  return {
    counted,
    faults,
    stop: async () => {
      end.abort();
      await Promise.all(loops);
    },
  };
}

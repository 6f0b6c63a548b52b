import { PASSWORD } from './target.mjs';

const SITES = [
  'same-origin',
  'same-site',
  'cross-site',
  'none',
  undefined,
  '',
  'Same-Origin',
  'same-origin, cross-site',
];
const ORIGINS = [undefined, 'null', 'https://evil.example', 'http://127.0.0.1', 'https://127.0.0.1.evil.example', ''];
const AUTHORIZATIONS = [undefined, 'Basic eDp5', 'Bearer', 'Digest x'];
const CALLS = [
  { path: '/auth/refresh' },
  { path: '/auth/logout' },
  { path: '/auth/password', body: { current_password: 'x', new_password: 'another horse battery' } },
];

/** What a sibling host can set, and what it cannot: `__Host-` cookies. */
const [ACCESS, REFRESH] = ['__Host-access_token', '__Secure-refresh_token'];

/** Calls by cookie: from every kind of page, and with every cookie that another host can add to a victim's. */
export async function cookies(target) {
  const tried = [await foreignPages(target), await plantedCookies(target)];
  return { count: tried.reduce((sum, { count }) => sum + count, 0), faults: tried.flatMap(({ faults }) => faults) };
}

const jarOf = (cookies) =>
  Object.fromEntries(cookies.map((cookie) => cookie.split(';')[0].split(/=(.*)/s).slice(0, 2)));
const pair = (name, value) => `${name}=${value}`;
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

/** Only the service's own pages may rely on a cookie, and only by its own origin. */
async function foreignPages(target) {
  const faults = [];
  let count = 0;
  let victim;
  for (const { path, body } of CALLS) {
    for (const site of SITES) {
      for (const origin of ORIGINS) {
        for (const authorization of AUTHORIZATIONS) {
          if (site === 'same-origin') continue;
          count += 1;
          // One account for each: a call that comes through would end the session for those after it.
          victim ??= await target.account('web');
          const headers = {
            cookie: victim.cookies.map((cookie) => cookie.split(';')[0]).join('; '),
            ...(site !== undefined && { 'sec-fetch-site': site }),
            ...(origin !== undefined && { origin }),
            ...(authorization !== undefined && { authorization }),
          };
          const answer = await target.call(path, { headers, body });
          // `Bearer` with nothing behind it is a request that nobody can read.
          if (answer.status === 403 || (authorization === 'Bearer' && answer.status === 400)) continue;
          faults.push(
            `${path} from ${site} ${origin} with ${authorization}: ${answer.status} ${answer.text.slice(0, 60)}`,
          );
          victim = undefined;
        }
      }
    }
  }
  const { cookies: own } = await target.account('web');
  const cookie = own.map((line) => line.split(';')[0]).join('; ');
  const fine = await target.call('/auth/refresh', { headers: { cookie, ...OWN_PAGE } });
  if (fine.status !== 200) faults.push(`the service's own page is refused: ${fine.status} ${fine.text}`);
  return { count, faults };
}

/** What can stand in the place of one of the victim's cookies or beside it, in either order. */
const PLANTS = {
  "a thief's refresh cookie": (thief) => pair(REFRESH, thief[REFRESH]),
  'a refresh cookie of garbage': () => pair(REFRESH, 'a.b.c'),
  'an access token as refresh cookie': (thief) => pair(REFRESH, thief[ACCESS]),
  'a refresh cookie behind a blank that is none': (thief) => `\u00a0${pair(REFRESH, thief[REFRESH])}`,
  'an access cookie of garbage': () => pair(ACCESS, 'x'),
  'a refresh token as access cookie': (thief) => pair(ACCESS, thief[REFRESH]),
  'an access cookie with another signature': (_, victim) => pair(ACCESS, victim[ACCESS].replace(/.{4}$/, 'AAAA')),
  'an access cookie without algorithm': (_, victim) =>
    pair(ACCESS, `eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.${victim[ACCESS].split('.')[1]}.`),
  'cookies that are none': () => '=; ;; x; __Host-access_token; =a',
};

async function plantedCookies(target) {
  const faults = [];
  let count = 0;
  const check = (story, answer, expected) => {
    count += 1;
    const got = `${answer.status}${answer.body?.code ? ` ${answer.body.code}` : ''}`;
    if (got !== expected) faults.push(`${story}: ${got}, and not ${expected}`);
  };
  const call = (path, cookies, method = 'POST') =>
    target.call(path, { method, headers: { cookie: cookies.join('; '), ...OWN_PAGE } });
  const session = async () => {
    const account = await target.account('web');
    return { ...account, jar: jarOf(account.cookies) };
  };
  const own = (jar) => Object.entries(jar).map(([name, value]) => pair(name, value));
  const thief = await session();

  for (const [story, plant] of Object.entries(PLANTS)) {
    for (const order of ['before', 'behind']) {
      const victim = await session();
      const planted = plant(thief.jar, victim.jar);
      const mixed = order === 'before' ? [planted, ...own(victim.jar)] : [...own(victim.jar), planted];
      const named = `${story} ${order} the victim's`;
      check(`${named}, on a guarded route`, await call('/auth/me', mixed, 'GET'), '200');
      const refreshed = await call('/auth/refresh', mixed);
      check(`${named}, at a refresh`, refreshed, '200');
      if (refreshed.status === 200 && refreshed.body.session_id !== victim.tokens.session_id) {
        faults.push(`${named}: another session was refreshed`);
      }
      const alone = await session();
      check(
        `${story} alone, at a refresh`,
        await call('/auth/refresh', [plant(thief.jar, alone.jar)]),
        '401 token_missing',
      );
      const beside = [plant(thief.jar, alone.jar), pair(REFRESH, alone.jar[REFRESH])];
      check(`${story} beside a lone refresh cookie`, await call('/auth/refresh', beside), '401 token_missing');
      // Not with the thief's refresh token, whose session a logout ends as well.
      if (!planted.includes(thief.jar[REFRESH])) {
        check(`${named}, at a logout`, await call('/auth/logout', mixed), '204');
        check(`${named}, after the logout`, await call('/auth/refresh', own(victim.jar)), '401 session_revoked');
      }
    }
  }
  check('the thief, after all that', await call('/auth/refresh', own(thief.jar)), '200');

  const old = await session();
  const again = await target.call('/auth/login', {
    headers: { cookie: own(old.jar).join('; '), ...OWN_PAGE },
    body: { email: old.email, password: PASSWORD, client_id: 'web' },
  });
  check('a login over a session', again, '200');
  check('the session that a login replaced', await call('/auth/refresh', own(old.jar)), '401 session_replaced');
  const last = await session();
  const both = [...own(last.jar), pair(REFRESH, thief.jar[REFRESH])];
  check('a logout with a planted cookie', await call('/auth/logout', both), '204');
  check('the owner after it', await call('/auth/refresh', own(last.jar)), '401 session_revoked');
  return { count, faults };
}

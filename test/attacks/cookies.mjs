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

/** Calls that rely on a cookie, from every kind of page: only the service's own may, and only by its own origin. */
export async function cookies(target) {
  const faults = [];
  let count = 0;
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
  const fine = await target.call('/auth/refresh', {
    headers: { cookie: own.map((cookie) => cookie.split(';')[0]).join('; '), 'sec-fetch-site': 'same-origin' },
  });
  if (fine.status !== 200) faults.push(`the service's own page is refused: ${fine.status} ${fine.text}`);
  return { count, faults };
}

let victim;

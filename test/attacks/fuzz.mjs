import { inParallel, REFUSALS } from './target.mjs';

const ROUTES = [
  ['POST', '/auth/register'],
  ['POST', '/auth/login'],
  ['POST', '/auth/refresh'],
  ['POST', '/auth/renew'],
  ['POST', '/auth/logout'],
  ['POST', '/auth/logout-all'],
  ['POST', '/auth/reauthenticate'],
  ['POST', '/auth/password'],
  ['POST', '/auth/password-reset'],
  ['DELETE', '/auth/sessions'],
  ['DELETE', '/auth/sessions/%00'],
  ['POST', '/admin/users'],
  ['PATCH', '/admin/users/%F0%9F%98%80'],
  ['DELETE', "/admin/users/'%20or%201=1"],
  ['GET', '/admin/users?after=%00&limit=-1&prefix=%F0%9F%98%80'],
  ['GET', '/admin/users/%00/sessions?after=WzFd'],
  ['DELETE', '/admin/users/x/sessions/%00'],
  ['GET', '/admin/sessions/%00/timeline?user=a&user=b'],
  ['PUT', '/auth/login'],
  ['GET', '/%E0%A4%A'],
  ['GET', '/docs/..%2f..%2fpackage.json'],
];
const NAMES = [
  'email',
  'password',
  'refresh_token',
  'client_id',
  'device_name',
  'ticket',
  'new_password',
  'current_password',
  'roles',
  'disabled',
  '__proto__',
  'constructor',
  'toString',
  'x',
  '',
  '\ud800',
  '$where',
  'a.b',
];
const HEADERS = [
  'authorization',
  'cookie',
  'idempotency-key',
  'x-forwarded-for',
  'x-request-id',
  'user-agent',
  'origin',
  'sec-fetch-site',
  'content-encoding',
  'accept',
  'forwarded',
  'x-http-method-override',
  'content-type',
];
const LEAVES = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '{x}',
  '*',
  'a:b',
  'a\r\nb',
  "' or 1=1 --",
  '../../etc/passwd',
  '${jndi:ldap://x}',
  '😀'.repeat(40),
  'x'.repeat(2_000),
  [],
  {},
];

function value(chance, depth = 0) {
  if (depth > 3 || chance.happens(0.6)) return chance.happens(0.8) ? chance.of(LEAVES) : chance.text();
  if (chance.happens(0.3)) return Array.from({ length: chance.between(0, 5) }, () => value(chance, depth + 1));
  return fields(chance, depth);
}

const fields = (chance, depth) =>
  Object.fromEntries(Array.from({ length: chance.between(0, 4) }, () => [chance.of(NAMES), value(chance, depth + 1)]));

function bodyOf(chance) {
  const json = JSON.stringify(chance.happens(0.9) ? fields(chance, 0) : value(chance));
  if (chance.happens(0.7)) return json;
  if (chance.happens(0.3)) return json.slice(0, chance.between(0, json.length));
  if (chance.happens(0.1)) return `[${'['.repeat(7_000)}`;
  if (chance.happens(0.1)) return 'x'.repeat(20_000);
  const bytes = Buffer.from(json);
  for (let n = 0; n < 3 && bytes.length > 0; n++) bytes[chance.between(0, bytes.length - 1)] = chance.between(0, 255);
  return bytes;
}

function headersOf(chance) {
  const headers = { 'content-type': 'application/json' };
  for (let n = chance.between(0, 3); n > 0; n--) {
    const text = chance.happens(0.5) ? chance.text() : String(chance.of(LEAVES));
    // What a client's own library would not send proves nothing.
    headers[chance.of(HEADERS)] =
      chance.of(['', 'Bearer ', 'Basic ']) + text.replace(/[^\x20-\x7e]/g, '').slice(0, 200);
  }
  return headers;
}

const SHAPE = /^\{"statusCode":\d+,"error":"[^"]+","code":"[a-z_]+","message":"/;

/** Bodies and headers made by chance: each is refused in the contract's shape, nothing changes, and nobody waits. */
export async function fuzz(target, chance, short) {
  const faults = [];
  const count = short ? 2_000 : 100_000;
  const owner = await target.account();
  await inParallel(count, 16, async () => {
    const [method, path] = chance.of(ROUTES);
    const body = method === 'GET' ? undefined : bodyOf(chance);
    const answer = await target
      .call(path, { method, body, raw: true, headers: headersOf(chance) })
      .catch((error) => ({ status: 0, text: String(error) }));
    if (path === '/auth/logout' && answer.status === 204) return;
    if (!REFUSALS.includes(answer.status))
      faults.push(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 80)}`);
    else if (answer.status !== 431 && !SHAPE.test(answer.text))
      faults.push(`${method} ${path}: ${answer.text.slice(0, 80)}`);
    else if (/\bat .*\.js:\d+/.test(answer.text)) faults.push(`${method} ${path}: a stack trace`);
  });
  const after = await target.call('/auth/refresh', { body: { refresh_token: owner.tokens.refresh_token } });
  if (after.status !== 200) faults.push(`a session of somebody else was harmed: ${after.text}`);
  return { count, faults };
}

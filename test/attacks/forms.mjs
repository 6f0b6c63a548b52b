import { inParallel, REFUSALS } from './target.mjs';

const ROUTES = ['/oauth/token', '/oauth/revoke', '/oauth/introspect'];
const NAMES = [
  'grant_type',
  'refresh_token',
  'token',
  'token_type_hint',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'resource',
  '__proto__',
  'constructor',
  'grant_type[]',
  'token[x]',
  '',
  '%',
];
const TEXTS = [
  '',
  'refresh_token',
  'client_credentials',
  'password',
  'authorization_code',
  'app',
  'web',
  'rs',
  'nobody',
  'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiJycyJ9.',
  '%00',
  '%ff%fe',
  '%ud800',
  '%E0%A4%A',
  '+',
  '%2B%25',
  'é',
  'a\r\nb',
  'x'.repeat(3_000),
];
const TYPES = [
  'application/x-www-form-urlencoded; charset=utf-7',
  'application/x-www-form-urlencoded;charset=utf-16',
  'application/x-www-form-urlencodedx',
  'multipart/form-data; boundary=x',
  'application/json',
  'text/plain',
  '',
];

const AS_OAUTH = /^\{"error":"[a-z_]+","error_description":"[^"\\]*"(?:,"code":"[a-z_]+")?\}$/;

/** A form by chance: fields twice, wrong encodings, a stranger with somebody's real token. */
function formOf(chance, real) {
  const pairs = Array.from({ length: chance.between(0, 6) }, () => {
    const text = chance.happens(0.2) ? chance.of(real) : chance.happens(0.8) ? chance.of(TEXTS) : chance.text();
    return `${chance.of(NAMES)}=${text}`;
  });
  if (chance.happens(0.3) && pairs.length > 0) pairs.push(chance.of(pairs));
  if (chance.happens(0.05)) pairs.push(...Array.from({ length: 2_000 }, (_, n) => `p${n}=`));
  const form = pairs.join(chance.of(['&', '&', '&', ';', '&&', '\n']));
  if (chance.happens(0.9)) return form;
  const bytes = Buffer.from(form);
  for (let n = 0; n < 3 && bytes.length > 0; n++) bytes[chance.between(0, bytes.length - 1)] = chance.between(0, 255);
  return bytes;
}

function headersOf(chance) {
  const headers = { 'content-type': chance.happens(0.8) ? 'application/x-www-form-urlencoded' : chance.of(TYPES) };
  if (chance.happens(0.5)) {
    const name = chance.of(['rs', 'app', 'web', '', 'x:y', '%zz', '__proto__']);
    const basic = Buffer.from(`${name}:${chance.of(['', 'wrong', '%', chance.text()])}`).toString('base64');
    headers.authorization = chance.of([`Basic ${basic}`, `basic  ${basic}=`, 'Basic !', 'Basic', 'Bearer x']);
  }
  return headers;
}

/** What a stranger may be told besides a refusal: nothing of what he asks about (RFC 7009 section 2.2, RFC 7662). */
const saysNothing = (path, { status, text }) =>
  status === 200 && ((path === '/oauth/revoke' && text === '') || text === '{"active":false}');

/** Forms and client authentication by chance: each is refused as OAuth says, and nothing changes for anybody. */
export async function forms(target, chance, short) {
  const faults = [];
  const count = short ? 1_000 : 20_000;
  const owner = await target.account();
  // Held by a stranger, who does not know which client they are for.
  const other = await target.account('web');
  const real = [other.tokens.access_token, 'x.y.z'].filter(Boolean);
  await inParallel(count, 16, async () => {
    const path = chance.of(ROUTES);
    const answer = await target
      .call(path, { body: formOf(chance, real), raw: true, headers: headersOf(chance) })
      .catch((error) => ({ status: 0, text: String(error) }));
    if (saysNothing(path, answer)) return;
    if (!REFUSALS.includes(answer.status)) faults.push(`${path}: ${answer.status} ${answer.text.slice(0, 80)}`);
    else if (answer.status !== 431 && !AS_OAUTH.test(answer.text)) faults.push(`${path}: ${answer.text.slice(0, 120)}`);
  });
  faults.push(...(await unharmed(target, owner)));
  return { count, faults };
}

async function unharmed(target, owner) {
  const form = (fields) => new URLSearchParams(fields).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const refreshed = await target.call('/oauth/token', {
    headers,
    raw: true,
    body: form({ grant_type: 'refresh_token', client_id: 'app', refresh_token: owner.tokens.refresh_token }),
  });
  const machine = await target.call('/oauth/token', {
    headers,
    raw: true,
    body: form({ grant_type: 'client_credentials', client_id: 'rs', client_secret: target.clientSecret }),
  });
  return [
    ...(refreshed.status === 200 ? [] : [`a session of somebody else was harmed: ${refreshed.text}`]),
    ...(machine.status === 200 ? [] : [`a client was harmed: ${machine.text}`]),
  ];
}

import { createHmac } from 'node:crypto';
import { inParallel, REFUSALS } from './target.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** One token made into another that is none of ours. */
const MUTATIONS = [
  (token, chance) => {
    const at = chance.between(0, token.length - 1);
    return token.slice(0, at) + chance.of([...BASE64URL, '.', '=', ' ', '%', '\u00ff']) + token.slice(at + 1);
  },
  (token, chance) => token.slice(0, chance.between(0, token.length - 1)),
  (token, chance) => token + chance.of(['=', '.', 'A', '.A', '\t', ' ']),
  (token, chance) => {
    const parts = token.split('.');
    return [0, 1, 2].map(() => chance.of(parts)).join('.');
  },
  (token, chance) => {
    const [head, payload, signature] = token.split('.');
    const alg = chance.of(['none', 'None', 'nOnE', 'NONE', '', 'HS256', 'HS512', 'RS256', 'ES384', 'EdDSA', null, 7]);
    return `${encode({ ...decode(head), alg })}.${payload}.${chance.of([signature, ''])}`;
  },
  (token, chance) => {
    const [head, payload, signature] = token.split('.');
    const extra = chance.of([
      { jwk: { kty: 'oct', k: 'AAAA' } },
      { jku: 'http://127.0.0.1/keys' },
      { x5u: 'http://127.0.0.1/cert' },
      { kid: '../../../dev/null' },
      { kid: "' or 1=1 --" },
      { kid: 'a\nb' },
      { crit: ['exp'] },
      { b64: false },
      { zip: 'DEF' },
      { cty: 'JWT' },
      { typ: 'JWT' },
    ]);
    return `${encode({ ...decode(head), ...extra })}.${payload}.${signature}`;
  },
  (token, chance) => {
    const [head, payload, signature] = token.split('.');
    const claims = decode(payload);
    const name = chance.of(Object.keys(claims));
    const value = chance.of([
      undefined,
      null,
      '',
      'x',
      0,
      -1,
      Number.MAX_VALUE,
      2 ** 53,
      [],
      {},
      true,
      'admin',
      ['admin'],
    ]);
    return `${head}.${encode({ ...claims, [name]: value })}.${signature}`;
  },
  (token, chance) => {
    const [head, payload] = token.split('.');
    const body = `${encode({ ...decode(head), alg: 'HS256' })}.${payload}`;
    return `${body}.${createHmac('sha256', chance.of(['', 'secret', 'changeme', token]))
      .update(body)
      .digest('base64url')}`;
  },
];

/** Mutated access and refresh tokens: every one refused, quickly, and none harms the session it was made from. */
export async function tokens(target, chance, short) {
  const faults = [];
  const count = short ? 1_000 : 50_000;
  const { tokens: mine } = await target.account();
  await inParallel(count, 16, async (n) => {
    const isRefresh = n % 2 === 0;
    const from = isRefresh ? mine.refresh_token : mine.access_token;
    const token = chance.of(MUTATIONS)(from, chance);
    // One that only adds a blank is the same token to a header.
    if (token.trim() === from) return;
    const answer = await (
      isRefresh
        ? target.call('/auth/refresh', { body: { refresh_token: token } })
        : target.call('/auth/me', { method: 'GET', headers: { authorization: `Bearer ${token}` } })
    ).catch((error) => ({ status: 0, text: String(error) }));
    // What cannot stand in a header is refused by the client itself.
    if (answer.status === 0 && /ByteString|invalid header|Headers/i.test(answer.text)) return;
    if (![400, 401, 431].includes(answer.status)) faults.push(`${answer.status} for ${token.slice(0, 80)}`);
    else if (!REFUSALS.includes(answer.status)) faults.push(`${answer.status}`);
  });
  const after = await target.call('/auth/refresh', { body: { refresh_token: mine.refresh_token } });
  if (after.status !== 200) faults.push(`the session itself was harmed: ${after.status} ${after.text}`);
  return { count, faults };
}

// The whole service, as `npm start` starts it, with a session for each connection of the benchmark.
import { randomUUID } from 'node:crypto';
import { freePort } from '../../scripts/started-process.mjs';
import { config, tellReady } from './asked.mjs';

const { build, settings, chains } = config;
const port = await freePort();
Object.assign(process.env, settings, { PORT: String(port), LOG_FORMAT: 'json' });
await import(new URL('main.js', build).href);

async function post(path, body) {
  const answer = await fetch(`http://127.0.0.1:${port}/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
async function session() {
  const user = { email: `${randomUUID()}@shop.example`, password: 'correct horse battery staple' };
  await post('register', user);
  return (await post('login', user)).refresh_token;
}
const refreshTokens = await Promise.all(Array.from({ length: chains }, session));
tellReady({ port, refreshTokens });

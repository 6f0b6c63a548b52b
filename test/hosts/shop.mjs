import { setTimeout as sleep } from 'node:timers/promises';
import { call, expectCall } from '../drills/service.mjs';
import { until } from '../../scripts/started-process.mjs';

const SLIDES_WITHIN = 15_000;

/**
 * Starts the applications of a shop, uses them, and stops them.
 * @param start starts the application of a file with settings of its own
 * @param apps the file of the application that logs in, and of the one that is guarded where that is another
 */
export async function playApps(start, { auth, guarded }) {
  const issuer = await start(auth);
  const app = guarded ? await start(guarded, { AUTH_URL: issuer.url }) : issuer;
  await useShop(issuer.url, app.url);
  for (const { stop } of new Set([app, issuer])) await stop();
}

/** What every shop does, whatever it is built with: guards, slides, refreshes, revokes. */
async function useShop(auth, app) {
  const tokens = await expectCall(200, `${auth}/login`, { body: { name: 'ann' } });
  const token = tokens.access_token;
  await expectCall(401, `${app}/cart`);
  await expectCall(401, `${app}/cart`, { token: `${token.slice(0, -3)}AAA` });
  const { cartOf } = await expectCall(200, `${app}/cart`, { token });
  if (cartOf !== 'ann') throw new Error(`a cart of ${cartOf}`);
  await slides(app, token);
  const next = await expectCall(200, `${auth}/auth/refresh`, { body: { refresh_token: tokens.refresh_token } });
  await expectCall(204, `${auth}/auth/logout`, { body: { refresh_token: next.refresh_token } });
  await until('the revocation known', async () => (await call(`${app}/cart`, { token })).status === 401, 10_000);
  await expectCall(401, `${auth}/auth/refresh`, { body: { refresh_token: next.refresh_token } });
}

/** Nothing is gained within the second of the login. */
async function slides(app, token) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (const end = Date.now() + SLIDES_WITHIN; Date.now() < end; await sleep(300)) {
    const answer = await fetch(`${app}/cart/items`, { method: 'POST', headers, body: '{}' });
    if (answer.status !== 201) throw new Error(`adding to the cart: ${answer.status} ${await answer.text()}`);
    if (answer.headers.has('renewed-access-token')) return;
  }
  throw new Error('no renewed access token');
}

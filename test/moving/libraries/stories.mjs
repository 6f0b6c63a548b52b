// What must hold whatever the former cookie was.
import assert from 'node:assert/strict';

const by = (browser, host, more) => browser.ask(`${host.url}/cart`, more).then(({ status }) => status);
const keyturnCookies = ({ cookies }) =>
  [...cookies.keys()].filter((name) => /(access|refresh)_token$/.test(name)).length;

/**
 * @param start starts a host with a share
 * @param login gives a browser that is logged in by the former login
 * @param former the name of its cookie
 */
export async function playStories({ start, login, former }) {
  const none = await start(0);
  const ann = await login(none);
  assert.equal(await by(ann, none), 200, 'who is not moved is let in by the former session');
  assert.equal(keyturnCookies(ann), 0);

  const all = await start(1);
  const thief = ann.copy();
  assert.equal(await by(ann, all, { isLost: true }), 200);
  assert.equal(keyturnCookies(ann), 0, 'the answer was lost');
  const statuses = await Promise.all([by(ann, all), by(ann, all), by(ann, all)]);
  assert.deepEqual(statuses, [200, 200, 200], 'a page and what it loads are moved at once');
  assert.equal(keyturnCookies(ann), 2, 'moved');
  assert.ok(!ann.cookies.has(former), 'the former cookie is gone');

  assert.equal(await by(ann, none), 200, 'undone: who was moved goes on');
  assert.equal((await ann.ask(`${all.url}/auth/refresh`, { method: 'POST' })).status, 200);
  assert.equal((await ann.ask(`${all.url}/auth/logout`, { method: 'POST' })).status, 204);
  assert.equal(await by(thief, all), 401, 'the former cookie does not come back after the logout');
  assert.equal(await by(thief, none), 401);

  const bob = await login(none);
  await none.sessions.revokeAll(await subOf(bob, none));
  assert.equal(await by(bob, all), 401, 'nor after a password change');
  for (const { app } of [none, all]) await app.close();
}

const subOf = async (browser, host) => JSON.parse((await browser.ask(`${host.url}/cart`)).text).sub;

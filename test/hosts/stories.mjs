import { startApp } from './app.mjs';
import { expectEqual } from './players/answers.mjs';
import { http } from './players/http.mjs';
import { socketIo } from './players/sockets.mjs';

/** What is true of one application and is no cell of the table: its name, the project that has it, and the story. */
export const STORIES = {
  'throttlers before and after Keyturn': { project: 'streams12', play: playLimits },
  'an open gateway on Nest 11': { project: 'streams11', play: playOpenGateway(11) },
  'an open gateway on Nest 12': { project: 'streams12', play: playOpenGateway(12) },
};

/** By limits.module.ts: 30 calls of one route from an address, 5 of a user. */
async function playLimits({ folder, env }) {
  // Loaded when the library is built.
  const { openIssuer } = await import('./matrix.mjs');
  const issuer = await openIssuer(env);
  const app = await startApp(folder, 'dist/limited.js', env);
  const [ann, bob] = [await issuer.login(), await issuer.login()];
  const [cart, pay] = ['cart', 'pay'].map((route) => async (token) => (await http.ask(app, route, token)).status);
  const refresh = async () => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ refresh_token: 'garbage' });
    return fetch(`${app.url}/auth/refresh`, { method: 'POST', headers, body });
  };
  for (let call = 1; call <= 5; call += 1) expectEqual(await cart(ann.accessToken), 200, `call ${call} of a user`);
  expectEqual(await cart(ann.accessToken), 429, 'a call of a user beyond the limit');
  expectEqual(await cart(bob.accessToken), 200, 'a call of another user at the same address');
  // Another route: the start of the application has asked for the cart as well, until it was answered.
  for (let call = 1; call <= 30; call += 1) expectEqual(await pay(), 401, `call ${call} from the address`);
  expectEqual(await pay(), 429, 'a call from the address beyond the limit');
  expectEqual(await pay(bob.accessToken), 429, 'a call with a good token, beyond the limit of its address');

  for (let call = 1; call <= 5; call += 1) expectEqual((await refresh()).status, 401, `refresh ${call}`);
  const throttled = await refresh();
  expectEqual(throttled.status, 429, 'a refresh beyond the limit');
  if (!(Number(throttled.headers.get('retry-after')) > 0)) throw new Error('a throttled refresh has no Retry-After');
  await issuer.fresh(ann);
  await app.stop();
  await issuer.close();
}

/** Beside `guard: 'global'`. */
function playOpenGateway(version) {
  return async ({ folder, env }) => {
    const app = await startApp(folder, 'dist/socketio.js', { ...env, OPEN_GATEWAY: '1' }, { output: 'pipe' });
    const answer = await socketIo.ask({ url: `${app.url}/news` }, 'news');
    const warning = /guard: 'global' does not reach gateways on Nest 11.* OpenGateway\.news/.test(app.said());
    await app.stop();
    if (version === 11) {
      expectEqual(answer.ok, true, 'whether the message of an anonymous caller is answered');
      expectEqual(warning, true, 'whether the start warns of it');
    } else {
      expectEqual(answer.code, 'token_missing', 'what an anonymous caller is told');
      expectEqual(warning, false, 'whether the start warns of it');
    }
  };
}

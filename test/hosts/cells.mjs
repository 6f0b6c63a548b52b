import { setTimeout as sleep } from 'node:timers/promises';
import { expectEqual } from './players/answers.mjs';

const MINUTE = 60;

/** What each host must do: a name, and a story that fails where it does not. */
export const CELLS = {
  async guard({ player, app, login }) {
    const { accessToken } = await login();
    expectEqual((await player.ask(app, 'cart')).code, 'token_missing', 'a call without a token');
    expectEqual((await player.ask(app, 'cart', accessToken)).ok, true, 'a call with a token');
  },

  async user({ player, app, login }) {
    const session = await login();
    expectEqual((await player.ask(app, 'cart', session.accessToken)).sub, session.sub, 'the user of the handler');
    await player.passesOn?.(app, session);
  },

  async roles({ player, app, login }) {
    const [buyer, admin] = [await login(), await login({ roles: ['admin'] })];
    expectEqual((await player.ask(app, 'admin', buyer.accessToken)).code, 'forbidden', 'a buyer');
    expectEqual((await player.ask(app, 'admin', admin.accessToken)).ok, true, 'an administrator');
    await player.demandsRole?.(app, buyer.accessToken);
  },

  async 'recent auth'({ player, app, login }) {
    const [old, recent] = [await login({ age: 10 * MINUTE }), await login()];
    const refused = await player.ask(app, 'pay', old.accessToken);
    expectEqual(refused.code, 'insufficient_user_authentication', 'a login of ten minutes ago');
    if (player.challenges) expectEqual(/max_age="300"/.test(refused.challenge), true, 'the challenge names the age');
    expectEqual((await player.ask(app, 'pay', recent.accessToken)).ok, true, 'a login of now');
  },

  async sliding({ player, app, login, fresh, revoke }) {
    const session = await login();
    // Nothing is gained within the second of the login.
    await sleep(1_100);
    const more = { fresh: () => fresh(session), other: async () => (await login()).accessToken };
    await player.slides(app, session, () => revoke(session), more);
  },

  async 'code of the refusal'({ player, app }) {
    const refused = await player.ask(app, 'cart', 'garbage');
    expectEqual(refused.code, 'token_invalid', 'the code');
    if (player.challenges) expectEqual(/^Bearer .*invalid_token/.test(refused.challenge), true, 'the challenge');
  },

  async 'ends with its session'({ player, app, login, revoke }) {
    const session = await login();
    await player.endsWithSession(app, session, () => revoke(session));
  },
};

import { setTimeout as sleep } from 'node:timers/promises';
import { bearerOf, refusal } from '../played-api.js';
import { presentedBy, fieldsOf, type Scene } from '../scene.js';
import { atMost, ends, type Situation } from './situation.js';

/** From another device of the user. */
const endElsewhere = async (scene: Scene): Promise<void> => {
  await scene.ask('/auth/logout', { refresh_token: scene.lastRefreshToken() });
};

const stolen: Situation = {
  name: 'stolen',
  happens: 'a thief uses an old refresh token; the service ends the session',
  async play(scene) {
    for (const count of [1, 2]) {
      scene.api.expire();
      const isDone = () => scene.refreshes().filter(({ status }) => status === 200).length >= count;
      if (!(await scene.until(isDone))) return ['It did not refresh when the API said token_expired.'];
      await scene.works();
    }
    const [old] = scene.refreshes().map(presentedBy);
    const { code } = await scene.ask('/auth/refresh', { refresh_token: old });
    if (code !== 'token_reused') return [`The service did not see the theft: ${code ?? 'it answered with tokens'}.`];
    scene.mark();
    scene.api.instead = () => refusal('token_reused');
    const faults = await ends(scene, 'token_reused');
    return faults;
  },
};

const endedElsewhere: Situation = {
  name: 'ended-elsewhere',
  happens: 'the session is ended on another device; the API says so',
  async play(scene) {
    await endElsewhere(scene);
    scene.api.instead = () => refusal('session_revoked');
    await scene.until(() => scene.work().some(({ status }) => status === 401));
    const out = await ends(scene, 'session_revoked');
    return [...atMost(scene.refreshes().length, 1, 'refreshes'), ...out];
  },
};

const refusedRefresh: Situation = {
  name: 'refused-refresh',
  happens: 'the session is ended on another device; the refresh says so',
  async play(scene) {
    await endElsewhere(scene);
    scene.api.expire();
    await scene.until(() => scene.refreshes().some(({ status }) => status === 401));
    await sleep(500);
    const many = atMost(scene.refreshes().length, 1, 'refreshes');
    return [...many, ...(await ends(scene, 'session_revoked'))];
  },
};

const logoutWins: Situation = {
  name: 'logout-wins',
  happens: 'the user logs out while a refresh is under way',
  async play(scene) {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    scene.fault = ({ path }) => (path.startsWith('/auth/refresh') ? { kind: 'hold', release: released } : undefined);
    // One request of the round still succeeds, and brings the user's wish; the others find that the token has ended.
    let wished = false;
    scene.api.instead = (request) => {
      if (wished || !scene.api.takes(bearerOf(request))) return undefined;
      wished = true;
      scene.api.expire();
      const after = scene.until(() => scene.refreshes().length > 0);
      return { kind: 'answer', status: 200, body: '{"next":"logout"}', after };
    };
    if (!(await scene.until(() => scene.refreshes().length > 0))) {
      release();
      return ['It did not refresh when the API said token_expired.'];
    }
    const loggedOut = () => [...scene.seen('/auth/logout'), ...scene.seen('/auth/logout-all')];
    await scene.until(() => loggedOut().length > 0, 0.5);
    release();
    await scene.until(() => loggedOut().some(({ status }) => status !== undefined), 0.5);
    await sleep(500);
    const faults: string[] = [];
    const state = await scene.state();
    if (state?.session !== 'out') faults.push('It is signed in again by the answer of the refresh.');
    if (loggedOut().length === 0) faults.push('It did not tell the service of the logout.');
    const handedOut = new Set(scene.refreshes().map((exchange) => fieldsOf(exchange).access_token));
    const goesOn = scene.work().some((request) => handedOut.has(bearerOf(request) ?? '-'));
    if (goesOn) faults.push('It goes on with the token of the refresh after the logout.');
    const { status } = await scene.ask('/auth/refresh', { refresh_token: scene.lastRefreshToken() });
    if (status === 200) faults.push('The session lives on at the service.');
    return faults;
  },
};

export const ENDINGS: readonly Situation[] = [stolen, endedElsewhere, refusedRefresh, logoutWins];

import { bearerOf, refusal } from '../played-api.js';
import { presentedBy, type Scene } from '../scene.js';
import { atMost, goesOn, once, type Situation } from './situation.js';

/** Requests that were told `token_expired` and never sent again with success. */
function forgotten(scene: Scene): string[] {
  const done = new Set(scene.work().flatMap(({ path, status }) => (status === 200 ? [path] : [])));
  const lost = new Set(scene.work().flatMap(({ path, status }) => (status === 401 && !done.has(path) ? [path] : [])));
  return lost.size > 0 ? [`It did not send ${lost.size} of its requests again after the refresh.`] : [];
}

const expire = async (scene: Scene): Promise<boolean> => {
  scene.api.expire();
  return scene.until(() => scene.refreshes().some(({ status }) => status === 200));
};

const expiry: Situation = {
  name: 'expiry',
  happens: 'the access token ends; three requests find out at once',
  async play(scene) {
    await expire(scene);
    await scene.rounds(2);
    return [...atMost(scene.refreshes().length, 1, 'refreshes'), ...forgotten(scene), ...(await goesOn(scene))];
  },
};

const straggler: Situation = {
  name: 'straggler',
  happens: 'the token_expired of one request arrives when the refresh of another is long done',
  async play(scene) {
    let release!: () => void;
    const refreshed = new Promise<void>((resolve) => (release = resolve));
    let late: string | undefined;
    let others = 0;
    scene.api.instead = (request) => {
      if (scene.api.takes(bearerOf(request))) return undefined;
      // The third request of the round is the one whose answer dawdles.
      if (late === undefined && ++others === 3) late = request.path;
      return request.path === late ? { ...refusal('token_expired'), after: refreshed } : undefined;
    };
    await expire(scene);
    await scene.until(() => scene.work().some(({ status, path }) => status === 200 && path !== late), 0.5);
    release();
    await scene.until(() => scene.work().some(({ status, path }) => status === 200 && path === late), 0.5);
    await scene.rounds(1);
    return [...atMost(scene.refreshes().length, 1, 'refreshes'), ...forgotten(scene), ...(await goesOn(scene))];
  },
};

const slow: Situation = {
  name: 'slow-refresh',
  happens: 'the answer of the refresh takes two seconds',
  async play(scene) {
    scene.fault = once('/auth/refresh', { kind: 'late', ms: 2000 });
    await expire(scene);
    await scene.rounds(1);
    return [...atMost(scene.refreshes().length, 1, 'refreshes'), ...forgotten(scene), ...(await goesOn(scene))];
  },
};

const doubled: Situation = {
  name: 'doubled-refresh',
  happens: 'the network sends the refresh twice',
  async play(scene) {
    scene.fault = once('/auth/refresh', { kind: 'double' });
    await expire(scene);
    await scene.rounds(1);
    await expire(scene);
    await scene.rounds(1);
    return goesOn(scene);
  },
};

const rotated: Situation = {
  name: 'rotated',
  happens: 'six tokens end, one after the other',
  async play(scene) {
    for (let token = 1; token <= 6; token++) {
      scene.api.expire();
      if (!(await scene.until(() => scene.refreshes().filter(({ status }) => status === 200).length >= token))) break;
      await scene.works();
    }
    const used = scene.refreshes().map(presentedBy);
    const faults =
      new Set(used).size < used.length ? ['It used a refresh token twice, though the answer had arrived.'] : [];
    return [...faults, ...(await goesOn(scene))];
  },
};

const clock = (name: string, happens: string, shift: number, refreshesAtLogin: number): Situation => ({
  name,
  happens,
  async play(scene) {
    // From here on new tokens look as they do on such a device; the first refresh brings one.
    scene.disguise.shift = shift;
    await expire(scene);
    await scene.rounds(4);
    const faults = atMost(scene.refreshes().length, refreshesAtLogin, 'refreshes');
    scene.mark();
    if (!(await expire(scene))) faults.push('It did not refresh when the API said token_expired.');
    return [...faults, ...(await goesOn(scene))];
  },
});

export const REFRESHING: readonly Situation[] = [
  expiry,
  straggler,
  slow,
  doubled,
  rotated,
  clock('clock-ahead', 'the clock of the device is two hours ahead: each new token looks as if it had ended', -7200, 1),
  clock('clock-behind', 'the clock is two hours behind: a token that ended looks good', 7200, 1),
];

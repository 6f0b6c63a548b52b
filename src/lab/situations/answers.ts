import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { bearerOf, refusal } from '../played-api.js';
import type { Scene } from '../scene.js';
import { claimsOf } from '../token-disguise.js';
import type { Fault } from '../fault-proxy.js';
import { atMost, goesOn, type Situation } from './situation.js';

/** Each path gets the answer once; sent again, it goes through. */
const oncePerPath = (answer: Fault, paths: number) => {
  const told = new Set<string>();
  return ({ path }: { path: string }) => {
    if (told.has(path) || told.size >= paths) return undefined;
    told.add(path);
    return answer;
  };
};

/** A 401 that a refresh does not help against. */
const noReasonToRefresh = (name: string, happens: string, answer: Fault): Situation => ({
  name,
  happens,
  async play(scene) {
    scene.api.instead = oncePerPath(answer, 3);
    await scene.rounds(3);
    const needless = scene.refreshes().length > 0 ? ['It refreshed, which does not help here.'] : [];
    return [...needless, ...(await goesOn(scene))];
  },
});

const alwaysExpired: Situation = {
  name: 'always-expired',
  happens: 'the API says token_expired to every token for three rounds',
  async play(scene) {
    const paths = new Set<string>();
    scene.api.instead = ({ path }) => {
      if (paths.size >= 9 && !paths.has(path)) return undefined;
      paths.add(path);
      return refusal('token_expired');
    };
    await scene.until(() => scene.work().some(({ status }) => status === 200));
    const sent = [...paths].map((path) => scene.work().filter((exchange) => exchange.path === path).length);
    const most = Math.max(0, ...sent);
    const again = most > 2 ? [`It sent one request ${most} times; twice is enough.`] : [];
    return [...again, ...atMost(scene.refreshes().length, 4, 'refreshes in three rounds'), ...(await goesOn(scene))];
  },
};

/** The API answers with a renewed token; `claims` is what is different in it. */
async function renews(scene: Scene, claims: (held: { exp: number; iat: number }) => object): Promise<string> {
  let renewed: string | undefined;
  scene.api.instead = (request) => {
    const token = bearerOf(request);
    if (renewed !== undefined || !token || !scene.api.takes(token)) return undefined;
    renewed = scene.disguise.change(token, {
      ...claims(claimsOf(token) as { exp: number; iat: number }),
      jti: 'renewed',
    });
    scene.api.admit(renewed);
    const headers = {
      'renewed-access-token': renewed,
      'renewed-access-token-expires-in': '1800',
      'cache-control': 'no-store',
    };
    return { kind: 'answer', status: 200, headers, body: '{"next":null}' };
  };
  await scene.until(() => renewed !== undefined);
  await scene.rounds(3);
  return renewed ?? '';
}

const renewed: Situation = {
  name: 'renewed',
  happens: 'the API hands out a renewed access token by Renewed-Access-Token',
  async play(scene) {
    const token = await renews(scene, ({ exp, iat }) => ({ exp: exp + 60, iat: iat + 60 }));
    const taken = scene.work().some((request) => bearerOf(request) === token);
    return [...(taken ? [] : ['It does not take the renewed token.']), ...(await goesOn(scene))];
  },
};

const notTaken = (
  name: string,
  happens: string,
  claims: (held: { exp: number; iat: number }) => object,
): Situation => ({
  name,
  happens,
  async play(scene) {
    const token = await renews(scene, claims);
    const taken = scene.work().some((request) => bearerOf(request) === token);
    return [...(taken ? ['It took the token.'] : []), ...(await goesOn(scene))];
  },
});

const redirect: Situation = {
  name: 'redirect',
  happens: 'the API sends the client to another origin',
  async play(scene) {
    const tokens: string[] = [];
    const foreign = createServer((request, response) => {
      if (request.headers.authorization) tokens.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"next":null}');
    });
    await once(foreign.listen(0, '127.0.0.1'), 'listening');
    const { port } = foreign.address() as AddressInfo;
    const location = `http://127.0.0.1:${port}/api/work`;
    scene.api.instead = oncePerPath({ kind: 'answer', status: 307, headers: { location } }, 3);
    await scene.rounds(2);
    foreign.close();
    foreign.closeAllConnections();
    return [...(tokens.length > 0 ? ['It sent its access token to a foreign origin.'] : []), ...(await goesOn(scene))];
  },
};

const body: Situation = {
  name: 'body',
  happens: 'the token ends before a POST',
  async play(scene) {
    const posts = () => scene.work().filter(({ method }) => method === 'POST');
    scene.api.next = 'post';
    // Whatever token the POST brings first has ended by then.
    let told = false;
    scene.api.instead = ({ method }) => {
      if (method !== 'POST' || told) return undefined;
      told = true;
      scene.api.expire();
      return undefined;
    };
    if (!(await scene.until(() => posts().length > 0))) return ['It sent no POST.'];
    await scene.until(() => posts().some(({ status }) => status === 200));
    await scene.rounds(1);
    const [before, after, ...more] = posts();
    if (!after) return ['It did not send the POST again after the refresh.', ...(await goesOn(scene))];
    const faults = after.body === before!.body ? [] : ['It sent the POST again with another body.'];
    if (more.length > 0) faults.push(`It sent the POST ${posts().length} times; twice is enough.`);
    return [...faults, ...atMost(scene.refreshes().length, 1, 'refreshes'), ...(await goesOn(scene))];
  },
};

const UNAUTHORIZED: Fault = { kind: 'answer', status: 401, body: '{"message":"Unauthorized","statusCode":401}' };

export const ANSWERS: readonly Situation[] = [
  alwaysExpired,
  noReasonToRefresh('other-401', 'the API answers 401 without a code of the service', UNAUTHORIZED),
  noReasonToRefresh(
    'password-wanted',
    'the API answers 401 insufficient_user_authentication',
    refusal('insufficient_user_authentication'),
  ),
  noReasonToRefresh('not-yet-valid', 'the API answers 401 token_not_yet_valid', refusal('token_not_yet_valid')),
  renewed,
  notTaken(
    'renewed-older',
    "a straggler's Renewed-Access-Token ends earlier than the token at hand",
    ({ exp, iat }) => ({
      exp: exp - 60,
      iat: iat - 60,
    }),
  ),
  notTaken('foreign-session', 'a Renewed-Access-Token is of another session', ({ exp, iat }) => ({
    exp: exp + 60,
    iat: iat + 60,
    sid: 'AAAAAAAAAAAAAAAAAAAAAA',
  })),
  redirect,
  body,
];

import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../fault-proxy.js';
import { presentedBy, type Scene } from '../scene.js';
import { atMost, goesOn, NotApplicable, once, retryOf, type Situation } from './situation.js';

const REFRESH = '/auth/refresh';
/** Milliseconds by which an answer of the lab may seem to come earlier to the client. */
const EARLY = 100;

const keyOf = (exchange: { headers: Record<string, unknown> }) => exchange.headers['idempotency-key'];

const hasRetried = (scene: Scene): boolean => scene.refreshes().length > 0 && retryOf(scene.refreshes()) !== undefined;

/** Whether the client came back for its answer with what it had asked with. */
function sameAttempt(scene: Scene): string[] {
  const [before] = scene.refreshes();
  if (!before) return ['It did not refresh when the API said token_expired.'];
  const after = retryOf(scene.refreshes());
  if (!after) return ['It never tried again.'];
  if (presentedBy(after) !== presentedBy(before)) return ['It tried again with another refresh token.'];
  if (keyOf(before) === undefined) return ['It sent no Idempotency-Key, so a late retry looks like a thief.'];
  return keyOf(after) === keyOf(before) ? [] : ['It tried again with another Idempotency-Key.'];
}

const lost: Situation = {
  name: 'lost-answer',
  happens: 'the answer of the refresh is lost once, after the service ran it',
  async play(scene) {
    scene.fault = once(REFRESH, { kind: 'lose-answer' });
    scene.api.expire();
    await scene.until(() => hasRetried(scene));
    return goesOn(scene);
  },
};

const lostForLong: Situation = {
  name: 'lost-for-long',
  happens: 'the answer is lost, and the service cannot be reached until the grace time is over',
  async play(scene) {
    scene.fault = once(REFRESH, { kind: 'lose-answer' });
    scene.api.expire();
    if (!(await scene.until(() => scene.refreshes().length > 0))) return sameAttempt(scene);
    scene.fault = ({ path }) => (path.startsWith(REFRESH) ? { kind: 'lose-request' } : undefined);
    await sleep(scene.target.grace + 500);
    scene.fault = () => undefined;
    await scene.until(() => scene.refreshes().some(({ status }) => status !== undefined), 3);
    return [...sameAttempt(scene), ...(await goesOn(scene))];
  },
};

const restart: Situation = {
  name: 'restart',
  happens: 'the program is killed between refresh and answer, and started again',
  async play(scene) {
    scene.fault = once(REFRESH, { kind: 'lose-answer' });
    scene.api.expire();
    await scene.until(() => scene.refreshes().length > 0);
    await scene.restart();
    await scene.until(() => hasRetried(scene) || scene.seen('/auth/login').length > 0);
    if (scene.seen('/auth/login').length > 0)
      throw new NotApplicable('It keeps nothing in LAB_STORE and signed in again.');
    return [...sameAttempt(scene), ...(await goesOn(scene))];
  },
};

const problem = (status: number, code: string, headers: Record<string, string>): Fault => ({
  kind: 'answer',
  status,
  headers,
  body: JSON.stringify({ statusCode: status, code, message: 'Try again later.' }),
});

const told = (name: string, status: number, code: string): Situation => ({
  name,
  happens: `${status} with Retry-After: 2, once`,
  async play(scene) {
    scene.fault = once(REFRESH, problem(status, code, { 'retry-after': '2' }));
    scene.api.expire();
    await scene.until(() => scene.refreshes().some((exchange) => exchange.status === 200));
    const pause = hasRetried(scene) ? retryOf(scene.refreshes())!.at - scene.refreshes()[0]!.at : Infinity;
    const faults = pause < 2000 - EARLY ? [`It tried again after ${pause} ms; Retry-After said two seconds.`] : [];
    return [...faults, ...(await goesOn(scene))];
  },
});

const away: Situation = {
  name: 'away',
  happens: '503 without Retry-After for four seconds',
  async play(scene) {
    const unavailable = problem(503, 'store_unavailable', {});
    scene.fault = ({ path }) => (path.startsWith(REFRESH) ? unavailable : undefined);
    scene.api.expire();
    await scene.until(() => scene.refreshes().length > 0);
    await sleep(4000);
    const tries = scene.refreshes().length;
    scene.fault = () => undefined;
    await scene.until(() => scene.refreshes().some(({ status }) => status === 200));
    return [...atMost(tries, 8, 'refreshes in four seconds'), ...(await goesOn(scene))];
  },
};

const PAGE = '<!doctype html><title>Sorry</title><h1>Please sign in to the Wi-Fi</h1>';

const page = (name: string, status: number): Situation => ({
  name,
  happens: `the refresh gets a page with status ${status}, once`,
  async play(scene) {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    scene.fault = once(REFRESH, { kind: 'answer', status, headers, body: PAGE } as const);
    scene.api.expire();
    await scene.until(() => scene.refreshes().some(({ answer }) => answer?.startsWith('{')));
    return goesOn(scene);
  },
});

const cutOff: Situation = {
  name: 'cut-off',
  happens: 'every connection is cut for two seconds',
  async play(scene) {
    scene.api.expire();
    scene.isCut = true;
    await sleep(2000);
    scene.isCut = false;
    await scene.until(() => scene.refreshes().some(({ status }) => status === 200));
    return goesOn(scene);
  },
};

export const FAULTS: readonly Situation[] = [
  lost,
  lostForLong,
  restart,
  told('unavailable', 503, 'store_unavailable'),
  away,
  told('too-many', 429, 'too_many_attempts'),
  page('bad-gateway', 502),
  page('captive-portal', 200),
  page('firewall', 403),
  cutOff,
];

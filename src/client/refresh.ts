import type { TokenAnswer } from '../auth.answers.js';
import { growingPause, sleep } from './growing-pause.js';
import { isDue, recordOf, sameTokens, type HeldSession } from './held-session.js';
import type { Emit } from './listeners.js';
import { withLock } from './refresh-lock.js';
import { bearer, isOver, type CallService } from './service-call.js';
import type { SessionError } from './session-error.js';
import type { SessionEnd, Stored, StoredSession } from './storage/session-storage.js';

/** Milliseconds that a caller waits for the next try; a longer pause is an error at once. */
const PATIENCE = 5000;
/** Milliseconds before the absolute end at which the application is told. */
const ENDING = 300_000;

/** What tells a stored session from its successor. In cookie transport a refresh does not change what is stored. */
const tokenOf = (stored?: Stored): string | undefined => (stored as StoredSession | undefined)?.refresh ?? stored?.sid;

/** Refreshes in time, one at a time in this page, and as a rule one at a time in all tabs. */
export type Refreshing = [
  /**
   * @param failed whose access token is over: where a newer one is at hand, that is the answer
   * @param refusal of the API; it ends a session that nothing renews
   * @returns the session after it; undefined: it has ended
   * @throws SessionError where the service cannot be asked now; the tokens are kept
   */
  refresh: (failed: StoredSession, refusal?: SessionEnd) => Promise<StoredSession | undefined>,
  /** The request alone. */
  ask: (session: StoredSession) => Promise<TokenAnswer>,
  /**
   * Looks what is to be done now, and sets a timer for the rest.
   * @param again whether something has changed that ends a pause after a failure
   */
  look: (again?: boolean) => void,
];

/** @param attemptKey derives the `Idempotency-Key` from a refresh token */
export function refreshing(
  name: string,
  byCookie: boolean,
  clock: () => number,
  [session, update, mark, setOffline]: HeldSession,
  call: CallService,
  attemptKey: (refreshToken?: string) => Promise<string>,
  emit: Emit,
  isVisible: () => boolean,
): Refreshing {
  let flight: Promise<void> | undefined;
  let failures = 0;
  let failure: SessionError;
  /** By `performance.now`, which nobody sets. */
  let pausedUntil = 0;
  let timer: ReturnType<typeof setTimeout>;
  let warnedOf: number | undefined;
  let planned: StoredSession | undefined;
  let refreshAt: number;
  /** What the last refresh of this tab brought: this tab then makes the next one too, so that the tabs do not race. */
  let mine: Stored | undefined;

  const ask = async ({ renews, access, refresh: token }: StoredSession): Promise<TokenAnswer> =>
    renews
      ? call('renew', {}, bearer(access))
      : call('refresh', { refresh_token: token }, { 'idempotency-key': await attemptKey(token) });

  /** @returns what is to be stored instead; undefined: nothing */
  async function successorOf(stored: StoredSession): Promise<Stored | undefined> {
    try {
      return recordOf(await ask(stored), clock(), byCookie, stored);
    } catch (error) {
      const refused = error as SessionError;
      const { code, message } = refused;
      if (code === 'renewal_not_due') return undefined;
      if (!isOver(refused, byCookie, stored.renews)) throw error;
      // The refused cookies may be older than a login or a refresh of another tab.
      const me =
        byCookie &&
        (await call<{ sid: string }>('me').catch((answer: SessionError) => {
          // A host need not have `me`, and then nothing speaks against the refusal.
          if (answer.status !== 404 && !isOver(answer, byCookie, true)) throw answer;
        }));
      return me ? { ...stored, sid: me.sid, at: clock() } : { ended: { code, message } };
    }
  }

  async function once(failed: StoredSession): Promise<void> {
    const isCurrent = mark();
    const stored = (await update()) as StoredSession | undefined;
    // Another tab may have logged out, or refreshed while this one waited for the lock.
    if (!stored?.sid || (!sameTokens(stored, failed) && !isDue(stored, clock()))) return;
    const next = await successorOf(stored);
    if (!next || !isCurrent()) return;
    mine = next;
    await update((kept) => (tokenOf(kept) === tokenOf(stored) ? next : kept));
  }

  async function attempts(failed: StoredSession): Promise<void> {
    for (;;) {
      if (performance.now() < pausedUntil) throw failure;
      try {
        await withLock(name, () => once(failed));
        failures = 0;
        setOffline(false);
        return;
      } catch (error) {
        failure = error as SessionError;
        setOffline(failure.code === 'offline');
        emit('error', failure);
        const pause = growingPause(failures++, failure.retryAfter);
        if (pause < PATIENCE) await sleep(pause);
        else {
          pausedUntil = performance.now() + pause;
          look();
        }
      }
    }
  }

  async function refresh(failed: StoredSession, refusal?: SessionEnd): Promise<StoredSession | undefined> {
    if (failed.isFinal) {
      await update((kept) => (sameTokens(kept as StoredSession, failed) ? { ended: refusal } : kept));
    } else if (sameTokens(session(), failed)) {
      await (flight ??= attempts(failed).finally(() => (flight = undefined)));
    }
    return session();
  }

  function look(again?: boolean): void {
    clearTimeout(timer);
    if (again) pausedUntil = 0;
    const held = session();
    if (!held || !isVisible()) return;
    const { at, life, ends = Infinity } = held;
    if (planned !== held) {
      planned = held;
      // Within a tenth of the token's life, and this tab before the others if it was the last one.
      refreshAt = at + life * (mine === held ? 0.82 + Math.random() / 10 : 0.93 + Math.random() / 25);
    }
    const now = clock();
    // Not by a clock that has leapt, or after a sleep: the answer to the refresh that is due says what is left.
    const isOld = !held.isFinal && isDue(held, now);
    const warnIn = isOld || ends === warnedOf ? Infinity : ends - ENDING - now;
    if (warnIn <= 0) {
      warnedOf = ends;
      emit('ending', { seconds: Math.max(Math.round((ends - now) / 1000), 0) });
    }
    const refreshIn = held.isFinal ? Infinity : Math.max(isOld ? 0 : refreshAt - now, pausedUntil - performance.now());
    if (refreshIn <= 0) refresh(held).catch(() => undefined);
    else timer = setTimeout(look, Math.min(refreshIn, Math.max(warnIn, 0), 2 ** 31 - 1));
  }

  return [refresh, ask, look];
}

import type { TokenAnswer } from '../auth.answers.js';
import type { Emit } from './listeners.js';
import { SessionError } from './session-error.js';
import type { SessionState } from './session.types.js';
import type { SessionStorage, Stored, StoredEnd, StoredSession } from './storage/session-storage.js';

/** A clock that was set back by more than this makes every token old. */
const CLOCK_SLACK = 5000;

/** The session as this tab knows it, and the way to the storage that all tabs share. */
export type HeldSession = [
  session: () => StoredSession | undefined,
  /** Changes what is stored, and takes over what is there then; by default it only looks. */
  update: (change?: (kept: Stored | undefined) => Stored | undefined) => Promise<Stored | undefined>,
  /** @returns what tells whether no login or logout came since; to be asked after each wait */
  mark: () => () => boolean,
  setOffline: (isOffline: boolean) => void,
  /**
   * A person logs in or out: called before the first wait, so that what was under way by then no longer counts.
   * @param forgets whether the session is over in this tab, at once
   */
  begin: (forgets?: boolean) => void,
  state: () => SessionState,
];

/** Whether both are the same tokens, and not their successors. */
export const sameTokens = (a?: StoredSession, b?: StoredSession): boolean => a?.at === b?.at && a?.access === b?.access;

/**
 * Whether the access token is over, or nearly so.
 * @param margin milliseconds; at most half of its life counts, since else it would be due all the time
 */
export function isDue({ at, life }: StoredSession, now: number, margin = Math.min(life / 40, 10_000)): boolean {
  const age = now - at;
  return age < -CLOCK_SLACK || age + Math.min(margin, life / 2) >= life;
}

/**
 * What is kept of a token answer.
 * @param before the session that it goes on with
 * @throws SessionError for an answer that is not the service's
 */
export function recordOf(answer: TokenAnswer, at: number, byCookie: boolean, before?: StoredSession): StoredSession {
  const { session_id: sid, access_token: access, expires_in: life, session_expires_in: left } = answer;
  if (!sid || !life || !(byCookie || access)) throw new SessionError('unexpected_answer');
  const renews = before?.renews ?? !answer.refresh_token_expires_in;
  return {
    ...before,
    renews,
    // 0 means at once.
    isFinal: renews && answer.renew_after === undefined,
    sid,
    at,
    life: life * 1000,
    ends: left ? at + left * 1000 : before?.ends,
    ...(!byCookie && { access, refresh: answer.refresh_token ?? before?.refresh }),
  };
}

/**
 * What is stored after a token answer of a login or a reauthentication.
 * @param isLogin whether the answer may begin a session; false: it goes on with one that must still be there
 */
export function afterAnswer(
  kept: Stored | undefined,
  answer: TokenAnswer,
  at: number,
  byCookie: boolean,
  isLogin?: boolean,
): Stored | undefined {
  // It brings a new access token only, and the refresh token stays.
  if (kept?.sid === answer.session_id) return recordOf(answer, at, byCookie, kept);
  // Where sessions have refresh tokens a login brings one, so without one it is a reauthentication that came too late.
  const begins = isLogin && (answer.refresh_token_expires_in || !kept?.sid || kept.renews);
  return begins ? recordOf(answer, at, byCookie) : kept;
}

/**
 * @param name of the session in the storage
 * @param changed is called after each look into the storage
 * @param tell tells the other tabs
 */
export function heldSession(
  name: string,
  storage: SessionStorage,
  emit: Emit,
  changed: () => void,
  tell: () => void,
): HeldSession {
  let session: StoredSession | undefined;
  let state: SessionState = 'unknown';
  let offline = false;
  let epoch = 0;

  const mark = () => {
    const then = epoch;
    return () => then === epoch;
  };
  const show = () => {
    const before = state;
    state = session ? (offline ? 'offline' : 'in') : 'out';
    if (state !== before) emit('change', undefined);
  };
  const settle = (stored: Stored | undefined) => {
    const before = session;
    const next = stored?.sid ? stored : undefined;
    if (!sameTokens(before, next)) session = next;
    // Another session is a change, though the state is the same.
    if (before?.sid !== next?.sid) state = 'unknown';
    show();
    const ended = before && (stored as StoredEnd | undefined)?.ended;
    if (ended) emit('ended', ended);
    changed();
    return stored;
  };

  return [
    () => session,
    async (change) => {
      const isCurrent = mark();
      const stored = await storage.update<Stored>(name, change ?? ((kept) => kept));
      const seen = isCurrent() ? settle(stored) : undefined;
      if (change) tell();
      return seen;
    },
    mark,
    (isOffline) => {
      offline = isOffline;
      if (session) show();
    },
    (forgets) => {
      epoch++;
      if (!forgets) return;
      session = undefined;
      show();
    },
    () => state,
  ];
}

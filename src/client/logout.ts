import type { TokenAnswer } from '../auth.answers.js';
import { growingPause } from './growing-pause.js';
import type { HeldSession } from './held-session.js';
import type { Emit } from './listeners.js';
import { bearer, type CallService } from './service-call.js';
import { SessionError } from './session-error.js';
import type { Session } from './session.types.js';
import type { StoredSession } from './storage/session-storage.js';

/**
 * Makes what signs out: at once here, and at the service when that can be reached.
 * @param ask refreshes a session that is left
 * @returns the logout, and what tells the service now of a logout that could not be told
 */
export function signingOut(
  byCookie: boolean,
  [session, update, mark, , begin]: HeldSession,
  call: CallService,
  ask: (session: StoredSession) => Promise<TokenAnswer>,
  emit: Emit,
): [logout: Session['logout'], retry: () => void] {
  let retry: (() => void) | undefined;

  async function tell(left: StoredSession, everywhere?: boolean, failures = 0): Promise<void> {
    const isCurrent = mark();
    retry = undefined;
    await update();
    // After a login, of this tab or of another one, the cookies are those of the new session.
    if (byCookie && (session() || !isCurrent())) return;
    try {
      const { access, refresh: refresh_token, renews } = left;
      // Only a token that is not over may end the other sessions.
      const fresh = everywhere && !renews ? (await ask(left)).access_token : access;
      await call(everywhere ? 'logout-all' : 'logout', { refresh_token }, bearer(fresh));
    } catch (error) {
      const { status = 500, retryAfter, code } = error as SessionError;
      if (status > 428 || code === 'unexpected_answer') {
        emit('error', error as SessionError);
        retry = () =>
          void tell(left, everywhere, failures + 1).catch((refused: SessionError) => emit('error', refused));
        setTimeout(() => retry?.(), growingPause(failures, retryAfter));
      } else if (everywhere) {
        // Not the other sessions, but this one at least.
        await tell(left);
        throw error;
      }
    }
  }

  return [
    async ({ everywhere } = {}) => {
      let left = session();
      begin(true);
      await update((kept) => {
        left ??= kept?.sid ? kept : undefined;
        return undefined;
      });
      if (left) await tell(left, everywhere);
      else if (everywhere) throw new SessionError('token_missing');
    },
    () => retry?.(),
  ];
}

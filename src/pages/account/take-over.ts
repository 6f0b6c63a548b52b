import { SessionError, type Session } from '../../client/index.js';
import type { AccountApi, Me } from './account-api.js';
import { readAnswer } from '../../client/service-call.js';
import type { Problem } from './words.js';
import type { Settings } from './settings.js';

/**
 * Takes over the session that another page of this origin has in its cookies, so that this page never signs in over it.
 * What a page can see of such a session is the answer of `me`; tokens are in cookies that no script reads.
 * @returns whether there is one
 * @throws SessionError where the service cannot be asked
 */
export async function takeOver(
  session: Session,
  { me }: AccountApi,
  { url, isShared, keepsSessions }: Settings,
): Promise<boolean> {
  if (session.state === 'in' || session.state === 'offline') return true;
  if (!isShared) return false;
  const response = await fetch(`${url}/me`, { redirect: 'error' }).catch(() => {
    throw new SessionError('offline');
  });
  const adopt = (sid: string, life: number, left?: number): Promise<void> =>
    session.adopt({
      token_type: 'Bearer',
      session_id: sid,
      expires_in: life,
      session_expires_in: left,
      // How such a session goes on: by a refresh, and where there is none by a renewal.
      ...(keepsSessions && { refresh_token_expires_in: 1 }),
    });
  try {
    const { sid, expires_at, issued_at, session_expires_in } = await readAnswer<Me>(response);
    // At most as long as it had from the beginning, whatever the clock of this device says.
    const left = Math.min(expires_at - issued_at, Math.max(1, expires_at - Date.now() / 1000));
    await adopt(sid, left, session_expires_in);
    return true;
  } catch (error) {
    const { code, status = 500 } = error as Problem;
    if (code !== 'token_expired') {
      if (status >= 429) throw error;
      return false;
    }
  }
  // A session whose access token is over: the client refreshes it at the next request, and learns whose it is.
  await adopt('unknown', 0.001);
  await me().catch(() => undefined);
  // Told by an event, which comes after what caused it.
  return (session.state as Session['state']) !== 'out';
}

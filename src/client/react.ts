import { useSyncExternalStore } from 'react';
import type { Session, SessionState } from './session.types.js';

/**
 * The state of a session, as a hook: the component is rendered again when it changes. Make the session once, outside of
 * the components. On a server, and until the storage was read, it is `unknown`.
 *
 * @example
 * ```tsx
 * const state = useSessionState(session);
 * return state === 'out' ? <Login /> : <Shop />;
 * ```
 */
export const useSessionState = (session: Pick<Session, 'on' | 'state'>): SessionState =>
  useSyncExternalStore(
    (changed) => session.on('change', changed),
    () => session.state,
    () => 'unknown',
  );

import type { Session } from './session.types.js';

/**
 * Options with which ky sends its requests by the session. A request may wait for the user's password, so it has no
 * timeout; the session's own calls have one.
 *
 * @example
 * ```ts
 * const api = ky.create({ ...sessionOptions(session), prefixUrl: 'https://api.shop.example' });
 * const cart = await api.get('cart').json();
 * ```
 */
export const sessionOptions = (session: Pick<Session, 'fetch'>) => ({ fetch: session.fetch, timeout: false }) as const;

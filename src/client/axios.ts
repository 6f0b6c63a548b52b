import type { Session } from './session.types.js';

/** The part of an axios instance that is used. */
interface AxiosLike {
  defaults: { adapter?: unknown; env?: object };
}

/**
 * Lets an axios instance send its requests by the session. Needs axios 1.12 or later.
 * @returns the same instance
 *
 * @example
 * ```ts
 * const api = withSession(axios.create({ baseURL: 'https://api.shop.example' }), session);
 * const { data } = await api.get('/cart');
 * ```
 */
export function withSession<Instance extends AxiosLike>(instance: Instance, session: Pick<Session, 'fetch'>): Instance {
  instance.defaults.adapter = 'fetch';
  instance.defaults.env = { ...instance.defaults.env, fetch: session.fetch };
  return instance;
}

import { AuthConfigError } from '../auth.errors.js';

/** Which tokens there are and what slides; see the README's table of strategies. */
export type SessionMode = 'access' | 'access-sliding' | 'refresh' | 'refresh-sliding';

/** What a strategy has. */
export interface ModeTraits {
  /** Whether sessions are kept in a store, each with a refresh token that turns. */
  readonly keepsSessions: boolean;
  /** Whether access tokens can be renewed without a refresh or a login. */
  readonly renews: boolean;
  /** Whether a rotation moves the idle end. */
  readonly slides: boolean;
}

const TRAITS: Readonly<Record<SessionMode, ModeTraits>> = {
  access: { keepsSessions: false, renews: false, slides: false },
  'access-sliding': { keepsSessions: false, renews: true, slides: false },
  refresh: { keepsSessions: true, renews: false, slides: false },
  'refresh-sliding': { keepsSessions: true, renews: true, slides: true },
};

/** @throws AuthConfigError for one that there is not */
export function traitsOf(strategy: SessionMode): ModeTraits {
  if (Object.hasOwn(TRAITS, strategy)) return TRAITS[strategy];
  throw new AuthConfigError(`strategy '${String(strategy)}' is unknown; known are ${Object.keys(TRAITS).join(', ')}`);
}

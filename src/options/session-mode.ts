import { AuthConfigError } from '../auth.errors.js';
import type { AUTH_EXTRAS } from './auth-extras.js';
import type { CheckedOf } from './option.js';

/** Which tokens there are and what slides. */
export type SessionMode = CheckedOf<typeof AUTH_EXTRAS>['strategy'];

/** What a strategy has. */
export interface ModeTraits {
  /** Whether sessions are kept in a store, each with a refresh token that rotates. */
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
  const known = Object.keys(TRAITS).join(', ');
  throw AuthConfigError.of('strategy', `'${String(strategy)}' is unknown; known are ${known}`);
}

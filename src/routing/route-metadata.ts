/**
 * What decorators leave on a route and guards read. The keys are explicit strings: the ESM and the CommonJS copy of the
 * library must read each other's.
 */
export const ACCESS_METADATA = 'keyturn:access';
export const WHEN_STALE_METADATA = 'keyturn:when-stale';
export const LIVE_SESSION_METADATA = 'keyturn:live-session';
export const SLIDING_METADATA = 'keyturn:sliding';
export const MAX_AGE_METADATA = 'keyturn:max-auth-age';
export const ROLES_METADATA = 'keyturn:roles';
export const SCOPES_METADATA = 'keyturn:scopes';

/** Who may come in: `public` does not look at tokens, `optional` takes none or a good one, `guarded` requires one. */
export type Access = 'public' | 'optional' | 'guarded';

/** How a route slides; what it does not say is the policy's. */
export interface SlidingRule {
  /** Share of the access token's life after which it is renewed: 0 to 0.95. */
  readonly renewAfter?: number | undefined;
  /** Whether a renewal also moves the session's idle end, by one write to the store. */
  readonly extendSession?: boolean | undefined;
}

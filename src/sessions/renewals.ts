import type { RequestInfo } from '../events/request-info.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import type { TokenGrant } from './token-grant.js';

/** The access token that an answer carries to its client in place of an older one. */
export type RenewedToken = TokenGrant | Pick<TokenGrant, 'accessToken' | 'expiresIn'>;

/** How a renewal differs from the policy, and who asks for it. */
export interface RenewalRequest {
  /** In place of `sliding.renewAfter`. */
  readonly renewAfter?: number | undefined;
  /** In place of `sliding.extendSession`. */
  readonly extendSession?: boolean | undefined;
  /** The request that asks, for events. */
  readonly info?: RequestInfo | undefined;
  /** The bearer's own token, as it came. */
  readonly token?: string | undefined;
}

/** Where an answer under way gets a renewed access token from: made here, or by the service that has the key. */
export abstract class Renewals {
  /** Seconds until the token can be renewed, 0 if it can be now; undefined if sliding cannot reach further. */
  abstract dueIn(claims: AccessTokenClaims): number | undefined;

  /** Whether a renewal may be due: a few additions, for who asks on every request. */
  abstract mayBeDue(claims: AccessTokenClaims, renewAfter?: number): boolean;

  /** The renewed token where one is due, and may be given. Never throws, never rejects. */
  abstract renewIfDue(
    claims: AccessTokenClaims,
    request: RenewalRequest,
  ): RenewedToken | undefined | Promise<RenewedToken | undefined>;
}

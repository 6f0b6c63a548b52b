import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { clientPolicy, type AuthPolicy } from '../auth.options.js';
import { AUTH_POLICY } from '../auth.tokens.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { decideRenewal, type RenewalDecision } from './sliding.js';
import { TokenGrants, type TokenGrant } from './token-grant.js';

/** Renews access tokens without a refresh, as far as sliding reaches. No store is asked. */
@Injectable()
export class RenewalService {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  /**
   * For a client that asks by itself.
   * @throws AuthError `renewal_not_due` with the seconds to wait, `renewal_exhausted`
   */
  renew(claims: AccessTokenClaims): TokenGrant {
    const { decision, now } = this.decide(claims);
    switch (decision.kind) {
      case 'renew':
        return this.grants.renewed(claims, now, decision.expiresAt);
      case 'not-due':
        throw new AuthError('renewal_not_due', `The access token can be renewed in ${decision.dueIn} s.`, {
          retryAfter: decision.dueIn,
        });
      default:
        throw new AuthError('renewal_exhausted', 'The access token cannot be renewed further. Refresh, or log in.');
    }
  }

  /** For an answer under way: the renewed token where one is due. */
  renewIfDue(claims: AccessTokenClaims): TokenGrant | undefined {
    const { decision, now } = this.decide(claims);
    return decision.kind === 'renew' ? this.grants.renewed(claims, now, decision.expiresAt) : undefined;
  }

  /** Seconds until the token can be renewed, 0 if it can be now; undefined if sliding cannot reach further. */
  dueIn(claims: AccessTokenClaims): number | undefined {
    const { decision } = this.decide(claims);
    if (decision.kind === 'not-due') return decision.dueIn;
    return decision.kind === 'renew' ? 0 : undefined;
  }

  private decide(claims: AccessTokenClaims): { decision: RenewalDecision; now: number } {
    const now = Math.floor(this.clock.now() / 1000);
    const client = clientPolicy(this.policy, claims.client_id);
    const policy = { renewAfter: this.policy.renewAfter, accessTtl: client.accessTtl / 1000 };
    return { decision: decideRenewal(claims, policy, now), now };
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { AuthEvents } from '../auth.events.js';
import { clientPolicy, type AuthPolicy } from '../auth.options.js';
import type { RequestOrigin } from '../auth.request-origin.js';
import { AUTH_POLICY } from '../auth.tokens.js';
import { Revocations } from '../revocation/revocations.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { revokedToken, staleKnowledge } from './session-errors.js';
import { Renewals, type RenewalRequest } from './renewals.js';
import { decideRenewal, type RenewalDecision } from './sliding.js';
import { TokenGrants, type TokenGrant } from './token-grant.js';

/** Renews access tokens without a refresh, as far as sliding reaches; none that was called back. No store is asked. */
@Injectable()
export class RenewalService extends Renewals {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {
    super();
  }

  /**
   * For a client that asks by itself.
   * @throws AuthError `renewal_not_due` with the seconds to wait, `renewal_exhausted`, `temporarily_unavailable` while
   * revocations cannot be heard: else a cut-off instance would renew a dead session until nobody remembers its end
   */
  renew(claims: AccessTokenClaims, origin?: RequestOrigin): TokenGrant {
    const revoked = this.revocations.check(claims);
    if (revoked) throw revokedToken(revoked);
    if (this.revocations.isStale()) throw staleKnowledge();
    const { decision, now } = this.decide(claims);
    switch (decision.kind) {
      case 'renew':
        return this.give(claims, now, decision.expiresAt, origin);
      case 'not-due':
        throw new AuthError('renewal_not_due', `The access token can be renewed in ${decision.dueIn} s.`, {
          retryAfter: decision.dueIn,
        });
      default:
        throw new AuthError('renewal_exhausted', 'The access token cannot be renewed further. Refresh, or log in.');
    }
  }

  /** For an answer under way: the renewed token where one is due. */
  renewIfDue(claims: AccessTokenClaims, { origin }: RenewalRequest): TokenGrant | undefined {
    const { decision, now } = this.decide(claims);
    if (decision.kind !== 'renew' || this.revocations.check(claims) || this.revocations.isStale()) return undefined;
    return this.give(claims, now, decision.expiresAt, origin);
  }

  /** Seconds until the token can be renewed, 0 if it can be now; undefined if sliding cannot reach further. */
  dueIn(claims: AccessTokenClaims): number | undefined {
    const { decision } = this.decide(claims);
    if (decision.kind === 'not-due') return decision.dueIn;
    return decision.kind === 'renew' ? 0 : undefined;
  }

  private give(claims: AccessTokenClaims, now: number, expiresAt: number, origin?: RequestOrigin): TokenGrant {
    const { sub, sid, client_id: clientId } = claims;
    const grant = this.grants.renewed(claims, now, expiresAt);
    this.events.emit({ type: 'token.renewed', sub, sid, clientId }, origin);
    return grant;
  }

  private decide(claims: AccessTokenClaims): { decision: RenewalDecision; now: number } {
    const now = Math.floor(this.clock.now() / 1000);
    const client = clientPolicy(this.policy, claims.client_id);
    const policy = { renewAfter: this.policy.renewAfter, accessTtl: client.accessTtl / 1000 };
    return { decision: decideRenewal(claims, policy, now), now };
  }
}

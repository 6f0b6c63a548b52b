import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { AuthEvents } from '../events/auth.events.js';
import { clientPolicy, type AuthPolicy } from '../options/options.js';
import type { RequestInfo } from '../events/request-info.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { TokenRepository } from './token.repository.js';
import { Revocations } from '../revocation/revocations.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { Renewals, type RenewalRequest } from './renewals.js';
import { endOf, revokedToken, sessionOver, staleKnowledge } from './session-errors.js';
import { decideRenewal, dueAt, type RenewalDecision } from './sliding.js';
import { TokenGrants, type TokenGrant } from './token-grant.js';

/** Whole seconds. */
interface Due {
  readonly now: number;
  readonly expiresAt: number;
}

/**
 * Renews access tokens without a refresh, as far as sliding reaches; none that was revoked. No store is asked,
 * unless the session's idle end is to be moved as well.
 */
@Injectable()
export class RenewalService extends Renewals {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenGrants) private readonly grants: TokenGrants,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {
    super();
  }

  /**
   * For a client that asks by itself.
   * @throws AuthError `renewal_not_due` with the seconds to wait, `renewal_exhausted`, why the session is over,
   * `temporarily_unavailable` while the revocation list is too old: else a cut-off instance would renew a dead session
   * until nobody remembers its end
   */
  async renew(claims: AccessTokenClaims, info?: RequestInfo): Promise<TokenGrant> {
    this.refuseRevoked(claims);
    if (this.revocations.isStale()) throw staleKnowledge();
    const decision = this.decide(claims);
    switch (decision.kind) {
      case 'renew':
        return this.give(claims, decision, { info });
      case 'not-due':
        throw new AuthError('renewal_not_due', `The access token can be renewed in ${decision.dueIn} s.`, {
          retryAfter: decision.dueIn,
        });
      default:
        throw new AuthError('renewal_exhausted', 'The access token cannot be renewed further. Refresh, or log in.');
    }
  }

  /** For an answer under way: the renewed token where one is due. Waits only where the session is extended. */
  renewIfDue(
    claims: AccessTokenClaims,
    request: RenewalRequest = {},
  ): TokenGrant | undefined | Promise<TokenGrant | undefined> {
    const decision = this.decide(claims, request.renewAfter);
    if (decision.kind !== 'renew' || this.revocations.check(claims) || this.revocations.isStale()) return undefined;
    const given = this.give(claims, decision, request);
    return given instanceof Promise ? given.catch(noneIfRefused) : given;
  }

  /** Whether a renewal may be due: a few additions, for who asks on every request. */
  mayBeDue(claims: AccessTokenClaims, renewAfter = this.policy.sliding.renewAfter): boolean {
    return this.clock.now() >= dueAt(claims, renewAfter) * 1000;
  }

  /** Seconds until the token can be renewed, 0 if it can be now; undefined if sliding cannot reach further. */
  dueIn(claims: AccessTokenClaims): number | undefined {
    const decision = this.decide(claims);
    if (decision.kind === 'not-due') return decision.dueIn;
    return decision.kind === 'renew' ? 0 : undefined;
  }

  private give(
    claims: AccessTokenClaims,
    { now, expiresAt }: Due,
    { extendSession = this.policy.sliding.extendSession, info }: RenewalRequest,
  ): TokenGrant | Promise<TokenGrant> {
    const grant = (): TokenGrant => this.grant(claims, now, expiresAt, info);
    // Elsewhere no session has an idle end that moves.
    return extendSession && this.policy.slides && this.repository
      ? this.extend(claims, this.repository).then(grant)
      : grant();
  }

  /**
   * A store that does not answer stops no renewal, which needs none: the next one moves the idle end.
   * @throws AuthError why the session is over
   */
  private async extend(claims: AccessTokenClaims, repository: TokenRepository): Promise<void> {
    const { sub, sid, gen: generation, client_id: clientId } = claims;
    const { idleTtl } = clientPolicy(this.policy, clientId);
    try {
      const extended = await repository.extend({ sub, sid, generation, idleTtl });
      if (!extended.alive) throw sessionOver(endOf(extended, generation) ?? 'session_ended');
    } catch (error) {
      if (!(error instanceof AuthError && error.code === 'store_unavailable')) throw error;
    }
    // Again: the session's end may have become known while the store answered.
    this.refuseRevoked(claims);
    if (this.revocations.isStale()) throw staleKnowledge();
  }

  private grant(claims: AccessTokenClaims, now: number, expiresAt: number, info?: RequestInfo): TokenGrant {
    const { sub, sid, client_id: clientId } = claims;
    const grant = this.grants.renewed(claims, now, expiresAt);
    this.events.emit({ type: 'token.renewed', sub, sid, clientId }, info);
    return grant;
  }

  private refuseRevoked(claims: AccessTokenClaims): void {
    const revoked = this.revocations.check(claims);
    if (revoked) throw revokedToken(revoked);
  }

  private decide(
    claims: AccessTokenClaims,
    renewAfter = this.policy.sliding.renewAfter,
  ): RenewalDecision & { now: number } {
    const now = Math.floor(this.clock.now() / 1000);
    // Of a token that was made under another strategy.
    if (!this.policy.renews) return { kind: 'never', now };
    const accessTtl = clientPolicy(this.policy, claims.client_id).accessTtl / 1000;
    return { now, ...decideRenewal(claims, { renewAfter, accessTtl }, now) };
  }
}

/** The answer goes out all the same; the next request is told why. */
function noneIfRefused(error: unknown): undefined {
  if (!(error instanceof AuthError)) throw error;
}

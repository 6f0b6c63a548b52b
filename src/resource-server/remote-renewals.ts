import { SECOND } from '../options/durations.js';
import type { AuthClock } from '../auth.clock.js';
import type { AuthPolicy } from '../options/options.js';
import type { Revocations } from '../revocation/revocations.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { askIssuer } from './issuer-request.js';
import type { AccessTokenVerifier } from '../tokens/access-token.verifier.js';
import { within } from '../auth.deadline.js';
import { Renewals, type RenewalRequest, type RenewedToken } from '../sessions/renewals.js';
import { decideRenewal, dueAt } from '../sessions/sliding.js';

const PATIENCE = 300;
/** For so long the call itself may go on: what comes late serves the next request of the token. */
const TIMEOUT = 3 * SECOND;
/** After a failure nothing is asked for so long, for any token; after a refusal, for the one that was refused. */
export const COOL_DOWN = 5 * SECOND;
const MAX_REMEMBERED = 10_000;

interface RemoteToken {
  readonly accessToken: string;
  /** Whole seconds. */
  readonly expiresAt: number;
}

/** What was asked for one token, under way or done. */
interface Call {
  /** Undefined: none was given. Never rejects. */
  readonly renewed: Promise<RemoteToken | undefined>;
  /** Of the monotonic clock: from when on it may be asked again. */
  until: number;
  /** Whole seconds: when the token that asked is over. */
  readonly tokenEnd: number;
}

/**
 * Renews access tokens where there is no key to sign them: the auth service is asked with the bearer's own token, once
 * for each token, however many requests it comes with. Whether a renewal is due is decided here, by the same rule.
 */
export class RemoteRenewals extends Renewals {
  private readonly calls = new Map<string, Call>();
  private readonly closing = new AbortController();
  private quietUntil = -Infinity;

  /**
   * @param url of the auth service's `POST /auth/renew`; undefined: nothing is renewed here
   * @param monotonic milliseconds of a clock that never goes back
   * @param patience milliseconds for which an answer waits
   */
  constructor(
    private readonly url: URL | undefined,
    private readonly policy: Pick<AuthPolicy['sliding'], 'renewAfter'>,
    private readonly revocations: Revocations,
    private readonly verifier: Pick<AccessTokenVerifier, 'keyOf' | 'verify'>,
    private readonly clock: AuthClock,
    private readonly monotonic: () => number = () => performance.now(),
    private readonly patience = PATIENCE,
  ) {
    super();
  }

  onApplicationShutdown(): void {
    this.closing.abort();
  }

  mayBeDue(claims: AccessTokenClaims, renewAfter = this.policy.renewAfter): boolean {
    return this.url !== undefined && this.clock.now() >= dueAt(claims, renewAfter) * SECOND;
  }

  dueIn(claims: AccessTokenClaims, renewAfter = this.policy.renewAfter): number | undefined {
    if (!this.url) return undefined;
    // How long a renewed token lives is the auth service's affair: as long as this one, unless it is cut.
    const accessTtl = claims.exp - claims.iat;
    const decision = decideRenewal(claims, { renewAfter, accessTtl }, this.now());
    if (decision.kind === 'not-due') return decision.dueIn;
    return decision.kind === 'renew' ? 0 : undefined;
  }

  async renewIfDue(claims: AccessTokenClaims, request: RenewalRequest): Promise<RenewedToken | undefined> {
    const { renewAfter, info, token } = request;
    if (token === undefined || this.dueIn(claims, renewAfter) !== 0 || !this.mayRenew(claims)) return undefined;
    const call = this.callOf(claims, token, info?.requestId);
    const renewed = call && (await this.inTime(call));
    // Again: the session's end may have become known meanwhile.
    if (!renewed || !this.mayRenew(claims)) return undefined;
    const expiresIn = renewed.expiresAt - this.now();
    return expiresIn > 0 ? { accessToken: renewed.accessToken, expiresIn } : undefined;
  }

  /** While the service rests, what is there is taken, and nothing is waited for. */
  private async inTime({ renewed }: Call): Promise<RemoteToken | undefined> {
    const patience = this.isResting() ? 0 : this.patience;
    return within(patience, renewed, () => new Error('late')).catch(() => this.rest());
  }

  private mayRenew(claims: AccessTokenClaims): boolean {
    return this.revocations.check(claims) === null && !this.revocations.isStale();
  }

  /** By the exact token: another one of the session may be younger by a password, or know other roles. */
  private callOf(claims: AccessTokenClaims, token: string, requestId?: string): Call | undefined {
    const known = this.calls.get(claims.jti);
    if (known && this.monotonic() < known.until) return known;
    if (this.isResting()) return undefined;
    const call: Call = { renewed: this.ask(claims, token, requestId), until: Infinity, tokenEnd: claims.exp };
    void call.renewed.then((renewed) => {
      if (!renewed) call.until = this.monotonic() + COOL_DOWN;
    });
    this.remember(claims.jti, call);
    return call;
  }

  private remember(jti: string, call: Call): void {
    const now = this.now();
    for (const [known, { tokenEnd }] of this.calls) {
      if (this.calls.size < MAX_REMEMBERED && tokenEnd > now) break;
      this.calls.delete(known);
    }
    this.calls.delete(jti);
    this.calls.set(jti, call);
  }

  private async ask(claims: AccessTokenClaims, token: string, requestId?: string): Promise<RemoteToken | undefined> {
    try {
      const { status, body } = await askIssuer(this.url!, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, ...(requestId !== undefined && { 'x-request-id': requestId }) },
        timeout: TIMEOUT,
        closing: this.closing.signal,
      });
      if (status >= 500 || status === 429) return this.rest();
      const accessToken = status === 200 ? (body as { access_token?: unknown } | null)?.access_token : undefined;
      if (typeof accessToken !== 'string') return undefined;
      // What is passed on is checked like what comes in: an answer for somebody else must not reach this bearer.
      await this.verifier.keyOf(accessToken);
      const { sub, sid, exp } = this.verifier.verify(accessToken);
      return sub === claims.sub && sid === claims.sid ? { accessToken, expiresAt: exp } : undefined;
    } catch {
      return this.rest();
    }
  }

  /** A service in trouble is left alone, and no answer waits for it. */
  private rest(): undefined {
    this.quietUntil = this.monotonic() + COOL_DOWN;
  }

  private isResting(): boolean {
    return this.monotonic() < this.quietUntil;
  }

  /** Whole seconds. */
  private now(): number {
    return Math.floor(this.clock.now() / SECOND);
  }
}

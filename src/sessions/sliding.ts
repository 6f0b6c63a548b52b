/** What a renewal is decided from: whole seconds, as in the claims. */
export interface RenewableClaims {
  readonly iat: number;
  readonly exp: number;
  readonly renew_until?: number;
}

export interface SlidingPolicy {
  /** Share of the token's life after which it is renewed, 0 to 0.95. */
  readonly renewAfter: number;
  /** Life of a renewed token, seconds. */
  readonly accessTtl: number;
}

export type RenewalDecision =
  | { readonly kind: 'renew'; readonly expiresAt: number }
  /** Too young: seconds until it is due. */
  | { readonly kind: 'not-due'; readonly dueIn: number }
  /** Sliding cannot reach further: a refresh or a login can. */
  | { readonly kind: 'exhausted' }
  /** The strategy does not slide. */
  | { readonly kind: 'never' };

/**
 * Whether an access token is to be renewed now, and until when. Pure; a renewed token never outlives `renew_until`.
 * @param now whole seconds
 */
export function decideRenewal(claims: RenewableClaims, policy: SlidingPolicy, now: number): RenewalDecision {
  if (claims.renew_until === undefined) return { kind: 'never' };
  if (claims.exp >= claims.renew_until) return { kind: 'exhausted' };
  const due = dueAt(claims, policy.renewAfter);
  if (now < due) return { kind: 'not-due', dueIn: due - now };
  const expiresAt = Math.min(now + policy.accessTtl, claims.renew_until);
  return expiresAt > claims.exp ? { kind: 'renew', expiresAt } : { kind: 'not-due', dueIn: 1 };
}

/**
 * From when on a token may be renewed, whole seconds; `Infinity` where sliding cannot reach further. A few additions,
 * for those who ask on every request.
 */
export const dueAt = (claims: RenewableClaims, renewAfter: number): number =>
  claims.renew_until === undefined || claims.exp >= claims.renew_until
    ? Infinity
    : claims.iat + renewAfterSeconds(claims, renewAfter);

/** Seconds after its issue at which a token may be renewed. */
export const renewAfterSeconds = ({ iat, exp }: RenewableClaims, renewAfter: number): number =>
  Math.ceil((exp - iat) * renewAfter);

import type { JwtService } from '@nestjs/jwt';
import type { OneTimeValues } from '../sessions/one-time-values.js';
import { MAX_TOKEN_BYTES } from '../tokens/token-form.js';
import type { OAuthClient } from './oauth-client.js';
import { OAuthError } from './oauth.errors.js';

/** An assertion may live for five minutes at most, so that its `jti` need not be remembered for longer. */
const LONGEST_LIFE = 300;
const MAX_JTI_LENGTH = 128;

interface AssertionClaims {
  readonly iss?: unknown;
  readonly sub?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly nbf?: unknown;
  readonly jti?: unknown;
}

const refused = (why: string): OAuthError => new OAuthError('invalid_client', `The client_assertion ${why}.`);

/** Verifies the assertions of `private_key_jwt` (RFC 7523 section 3). Each is good once. */
export class ClientAssertions {
  /** @param tolerance milliseconds by which the clocks of client and server may differ */
  constructor(
    private readonly issuer: string,
    private readonly jwt: JwtService,
    private readonly used: OneTimeValues,
    private readonly tolerance: number,
  ) {}

  /**
   * @param now milliseconds
   * @throws OAuthError `invalid_client`; AuthError `store_unavailable`, since without the store nobody can tell whether
   * the assertion was used before
   */
  async verify(assertion: string, client: OAuthClient, now: number): Promise<void> {
    const { iss, sub, aud, exp, nbf, jti } = this.signedClaims(assertion, client);
    if (iss !== client.id || sub !== client.id) throw refused('must name the client as iss and as sub');
    const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (!audiences.includes(this.issuer)) throw refused('must name this issuer as aud');
    // RFC 7519 section 2: a time may have a fraction, as Python's `time.time()` has.
    if (typeof exp !== 'number' || now >= exp * 1000) throw refused('has expired');
    if (exp * 1000 - now > LONGEST_LIFE * 1000 + this.tolerance) throw refused('must expire within 5 minutes');
    if (nbf !== undefined && !(typeof nbf === 'number' && now + this.tolerance >= nbf * 1000)) {
      throw refused('is not valid yet');
    }
    if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) throw refused('must have a jti');
    const first = await this.used.use(`assertion ${client.id} ${jti}`, Math.ceil(exp * 1000 - now + this.tolerance));
    if (!first) throw refused('was used before');
  }

  /** The claims under a signature of one of the client's keys. */
  private signedClaims(assertion: string, { keys }: OAuthClient): AssertionClaims {
    if (assertion.length > MAX_TOKEN_BYTES) throw refused('is larger than 8 KiB');
    const header = headerOf(assertion);
    const fitting = keys?.keys.filter(
      ({ kid, alg }) => alg === header?.alg && (header.kid === undefined || kid === header.kid),
    );
    if (!header || header.crit !== undefined || fitting?.length !== 1) throw refused('names no key of the client');
    const [{ alg, verificationKey }] = fitting as [(typeof fitting)[number]];
    try {
      const claims = this.jwt.verify<object>(assertion, {
        publicKey: verificationKey as unknown as Buffer,
        algorithms: [alg],
        // The times are checked above, by the store's clock.
        ignoreExpiration: true,
        ignoreNotBefore: true,
      });
      return typeof claims === 'object' ? claims : {};
    } catch {
      throw refused('has a wrong signature');
    }
  }
}

function headerOf(jws: string): { alg?: unknown; kid?: unknown; crit?: unknown } | null {
  try {
    return JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString('utf8')) as object | null;
  } catch {
    return null;
  }
}

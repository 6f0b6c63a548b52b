import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthEvents } from '../events/auth.events.js';
import type { RequestInfo } from '../events/request-info.js';
import { clientPolicy, type AuthPolicy } from '../options/options.js';
import { machineSubject } from '../revocation/machine-subject.js';
import { RevocationPublisher } from '../revocation/revocation-feed.js';
import { GenerationStore } from '../sessions/token.repository.js';
import { AccessTokenService } from '../tokens/access-token.service.js';

/** What a machine token is made for. */
export interface MachineTokenRequest {
  readonly clientId: string;
  /** Granted to the token; each of them is one of the client's. */
  readonly scopes: readonly string[];
  /** Default: the audience of the issuer's own tokens. */
  readonly audience?: readonly string[] | undefined;
}

/** An access token of a client itself (RFC 6749 section 4.4); there is no session and no refresh token. */
export interface MachineToken {
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
}

/**
 * Issues and revokes the tokens of machines. A client has a generation of its own, as a user has, so that one entry in
 * the feed revokes all its tokens.
 */
@Injectable()
export class MachineTokens {
  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(GenerationStore) private readonly store: GenerationStore,
    @Inject(AccessTokenService) private readonly accessTokens: AccessTokenService,
    @Inject(RevocationPublisher) private readonly publisher: RevocationPublisher,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  /** @throws AuthError `store_unavailable` */
  async issue({ clientId, scopes, audience }: MachineTokenRequest): Promise<MachineToken> {
    const generation = await this.store.generationOf(machineSubject(clientId));
    const now = this.clock.now();
    const issuedAt = Math.floor(now / 1000);
    const expiresIn = Math.floor(clientPolicy(this.policy, clientId).accessTtl / 1000);
    const accessToken = this.accessTokens.issueForMachine({
      clientId,
      sid: randomBytes(16).toString('base64url'),
      generation,
      claimsAt: now,
      scope: scopes.length > 0 ? scopes.join(' ') : undefined,
      audience,
      issuedAt,
      expiresAt: issuedAt + expiresIn,
    });
    return { accessToken, expiresIn };
  }

  /** Revokes one token of a client. @throws AuthError `store_unavailable` */
  async revoke(clientId: string, sid: string): Promise<void> {
    await this.publisher.publish([{ kind: 'session', sub: machineSubject(clientId), sid, reason: 'session_revoked' }]);
  }

  /**
   * Revokes every token that a client has, at once and on every instance.
   * @throws AuthError `store_unavailable`: call it again, it may be repeated
   * @example
   * ```ts
   * await machineTokens.revokeAll('reports');
   * ```
   */
  async revokeAll(clientId: string, info?: RequestInfo): Promise<void> {
    const sub = machineSubject(clientId);
    // Computed once and never incremented: a command that runs twice must not end what was issued in between.
    const generation = Math.max((await this.store.generationOf(sub)) + 1, this.clock.now());
    await this.store.raiseGeneration(sub, generation, clientPolicy(this.policy, clientId).absoluteTtl);
    await this.publisher.publish([{ kind: 'generation', sub, generation, reason: 'session_revoked' }]);
    this.events.emit({ type: 'client.revoked', clientId, generation }, info);
  }
}

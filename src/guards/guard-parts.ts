import type { FactoryProvider } from '@nestjs/common';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthClock } from '../auth.clock.js';
import { AuthObserver } from '../events/observer.js';
import { LegacyAccessTokens } from '../legacy/legacy-access.js';
import type { AuthPolicy } from '../options/options.js';
import { Revocations } from '../revocation/revocations.js';
import { SessionService } from '../sessions/session.service.js';
import { BoundSockets } from '../streams/bound-sockets.js';
import { OpenStreams } from '../streams/open-streams.js';
import { VerifiedTokenCache } from '../tokens/verified-token-cache.js';
import { ErrorTranslator } from '../transport/error-translator.js';
import { JwtStrategy } from './jwt.strategy.js';

/** What the guard asks. The last three are absent in a resource server, which is not started with a route that asks them. */
export interface GuardParts {
  readonly policy: AuthPolicy;
  readonly strategy: JwtStrategy;
  readonly verified: VerifiedTokenCache;
  readonly revocations: Revocations;
  readonly clock: AuthClock;
  readonly errors: ErrorTranslator;
  readonly streams: OpenStreams;
  readonly sockets: BoundSockets;
  readonly sessions?: SessionService | undefined;
  readonly observer?: AuthObserver | undefined;
  readonly legacy?: LegacyAccessTokens | undefined;
}

/**
 * DI token of the {@link GuardParts}. A library may have loaded the other copy of the guard (CommonJS beside ESM): nobody
 * provides the classes of that copy, so the guard asks for none of them.
 */
export const GUARD_PARTS = Symbol.for('keyturn:guard-parts');

export const GUARD_PARTS_PROVIDER: FactoryProvider<GuardParts> = {
  provide: GUARD_PARTS,
  inject: [
    AUTH_POLICY,
    JwtStrategy,
    VerifiedTokenCache,
    Revocations,
    AuthClock,
    ErrorTranslator,
    OpenStreams,
    BoundSockets,
    { token: SessionService, optional: true },
    { token: AuthObserver, optional: true },
    { token: LegacyAccessTokens, optional: true },
  ],
  // As many as `inject` has; the types of a factory's parameters cannot be derived from it.
  useFactory: (
    policy: AuthPolicy,
    strategy: JwtStrategy,
    verified: VerifiedTokenCache,
    revocations: Revocations,
    clock: AuthClock,
    errors: ErrorTranslator,
    streams: OpenStreams,
    sockets: BoundSockets,
    sessions?: SessionService,
    observer?: AuthObserver,
    legacy?: LegacyAccessTokens,
  ) => ({ policy, strategy, verified, revocations, clock, errors, streams, sockets, sessions, observer, legacy }),
};

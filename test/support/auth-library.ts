import { Module, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AccessTokenService,
  AuthClock,
  AuthEvents,
  AuthModule,
  generateKeys,
  InMemoryTokenRepository,
  KeyRing,
  LegacyTokens,
  RefreshRotationService,
  RenewalService,
  RevocationFeed,
  Revocations,
  SessionService,
  TokenRepository,
  type AuthEvent,
  type AuthModuleOptions,
  type TokenGrant,
} from '../../src/index.js';
import { LegacyAccessTokens } from '../../src/legacy/legacy-access.js';
import { InProcessRevocationFeed } from '../../src/stores/memory/in-process-revocation-feed.js';
import { OpenStreams } from '../../src/streams/open-streams.js';
import { SessionEndings } from '../../src/sessions/session-endings.js';
import { TestClock } from '../../src/testing/index.js';
import { readToken } from './adapters.js';
import { FaultyRepository } from './faulty-repository.js';
import { registered } from './registry.js';

export const ISSUER = 'https://auth.example';
export const keys = generateKeys();

/** The store option for a repository, and a feed, that a test made itself. */
export function storeOf(
  repository: TokenRepository,
  feed: RevocationFeed = new InProcessRevocationFeed(),
): DynamicModule {
  @Module({})
  class StoreModule {}
  const providers = [
    { provide: TokenRepository, useValue: repository },
    { provide: RevocationFeed, useValue: feed },
  ];
  return { module: StoreModule, providers, exports: [TokenRepository, RevocationFeed] };
}

type InstanceOptions = Partial<AuthModuleOptions> & { readonly store: DynamicModule };

/**
 * One more instance of an application with the library and sessions in a store, started and without HTTP. What is left
 * open ends with its file.
 */
export const startInstance = (options: InstanceOptions): Promise<Instance> => registered(instance(options), 'close');

async function instance(options: InstanceOptions) {
  const auth = AuthModule.forRoot({ issuer: ISSUER, keys, ...options });
  const module = await Test.createTestingModule({ imports: [auth] }).compile();
  await module.init();
  const events: AuthEvent[] = [];
  module.get(AuthEvents).listen((event) => void events.push(event));
  const rotation = module.get(RefreshRotationService);
  const revocations = module.get(Revocations);
  return {
    module,
    events,
    rotation,
    revocations,
    sessions: module.get(SessionService),
    endings: module.get(SessionEndings),
    repository: module.get(TokenRepository),
    tokens: module.get(AccessTokenService),
    clock: module.get(AuthClock),
    /** What a guard answers to the access token: null, or why it is refused. */
    guard: ({ accessToken }: TokenGrant) => revocations.check(readToken(accessToken) as never),
    /** The code that the refresh token is refused with, or `none`. */
    refresh: ({ refreshToken }: TokenGrant) => codeOf(rotation.refresh(refreshToken!)),
    close: () => module.close(),
  };
}

export type Instance = Awaited<ReturnType<typeof instance>>;

/** The library's services as a host gets them, over a repository that can fail and a clock that can be moved. */
export async function startLibrary(options: Partial<AuthModuleOptions> = {}) {
  const clock = new TestClock(Date.parse('2026-03-01T12:00:00.400Z'));
  const store = new InMemoryTokenRepository(() => clock.now());
  const repository = new FaultyRepository(store);
  const module = await Test.createTestingModule({
    imports: [
      AuthModule.forRoot({
        issuer: ISSUER,
        keys,
        store: storeOf(repository, new InProcessRevocationFeed(() => clock.now())),
        ...options,
      }),
    ],
  })
    .overrideProvider(AuthClock)
    .useValue(clock.authClock)
    .compile();
  const events: AuthEvent[] = [];
  module.get(AuthEvents).listen((event) => events.push(event));
  return {
    clock,
    /** Runs the hooks of a start: from then on the list of revocations is told of them by the feed. */
    init: () => module.init(),
    /** The store itself, without faults. */
    store,
    repository,
    events,
    legacy: module.get(LegacyTokens),
    legacyAccess: module.get(LegacyAccessTokens),
    keyRing: module.get(KeyRing),
    sessions: module.get(SessionService),
    endings: module.get(SessionEndings),
    rotation: module.get(RefreshRotationService),
    renewals: module.get(RenewalService),
    revocations: module.get(Revocations),
    streams: module.get(OpenStreams),
    tokens: module.get(AccessTokenService),
    feed: module.get(RevocationFeed, { strict: false }),
  };
}

export type Library = Awaited<ReturnType<typeof startLibrary>>;

/** The code of the error that a promise ends with, or `none`. */
export const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code?: string; message?: string }) => error.code ?? `no code: ${error.message}`,
  );

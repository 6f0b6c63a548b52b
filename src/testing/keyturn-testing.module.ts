import type { Server } from 'node:http';
import { HttpAdapterHost } from '@nestjs/core';
import {
  AUTH_POLICY,
  AuthClock,
  KeyRing,
  OneTimeValues,
  RedisRevocationFeedModule,
  RedisTokenRepositoryModule,
  RevocationFeed,
  RevocationSource,
  TokenRepository,
  type AuthPolicy,
} from '../index.js';
import {
  InMemoryOneTimeValues,
  REDIS_CLIENT,
  REDIS_READER,
  REDIS_SETTINGS,
  RefreshTokens,
  parseDuration,
} from '../internal.js';
import type { BuilderUnderTest } from './host/override-auth.js';
import { loseNextAnswer } from './lost-answer.js';
import { RememberedTokens } from './remembered-tokens.js';
import { TestClock } from './test-clock.js';
import { TestFeed } from './test-feed.js';
import { TestStore } from './test-store.js';

/**
 * Replaces the store of a host, whatever it is, by one in memory that goes by a test's clock, and lets failures be
 * ordered: lost answers, a thief, a silent feed, a store that is away or went back in time.
 *
 * @example
 * ```ts
 * const builder = Test.createTestingModule({ imports: [AppModule] });
 * const keyturn = KeyturnTestingModule.replaceStore(builder);
 * const app = (await builder.compile()).createNestApplication();
 *
 * keyturn.storeDown('30s');
 * keyturn.advance('31s');
 * ```
 */
export class KeyturnTestingModule {
  /** The clock of store, feed and tokens; `advance()` moves it. */
  readonly clock: TestClock;
  private readonly store: TestStore;
  private readonly feed: TestFeed;
  private readonly tokens = new Set<RememberedTokens>();
  private adapter: HttpAdapterHost | undefined;

  private constructor(clock: TestClock) {
    this.clock = clock;
    this.store = new TestStore(clock);
    this.feed = new TestFeed(clock, this.store);
  }

  /**
   * Replaces store, feed and clock of `AuthModule` in a testing module. Redis is not connected to.
   * @param builder what `Test.createTestingModule()` gives, before `compile()`
   * @param clock default: one that stands at the present time until it is told to move
   */
  static replaceStore(builder: BuilderUnderTest, clock: TestClock = new TestClock()): KeyturnTestingModule {
    const kit = new KeyturnTestingModule(clock);
    kit.replaceClock(builder);
    builder.overrideProvider(TokenRepository).useFactory({
      // In the strategies without sessions there is none, and stays none.
      inject: [{ token: AUTH_POLICY, optional: true }],
      factory: (policy?: AuthPolicy) => (policy?.keepsSessions === false ? null : kit.store),
    });
    builder.overrideProvider(RevocationFeed).useValue(kit.feed);
    builder.overrideProvider(OneTimeValues).useValue(new InMemoryOneTimeValues(() => clock.now()));
    builder.overrideProvider(RefreshTokens).useFactory({
      inject: [KeyRing, AUTH_POLICY, HttpAdapterHost],
      factory: (keys: KeyRing, policy: AuthPolicy, adapter: HttpAdapterHost) => {
        kit.adapter = adapter;
        const tokens = new RememberedTokens(keys, policy.issuer);
        kit.tokens.add(tokens);
        return tokens;
      },
    });
    builder.overrideProvider(RedisTokenRepositoryModule).useValue({});
    for (const token of [REDIS_CLIENT, REDIS_READER, REDIS_SETTINGS]) {
      builder.overrideProvider(token).useValue(absentRedis());
    }
    return kit;
  }

  /**
   * Lets an app with `ResourceServerModule` subscribe to this feed, and go by this clock.
   * @param builder of that app's testing module, before `compile()`
   */
  feedTo(builder: BuilderUnderTest): void {
    this.replaceClock(builder);
    builder.overrideProvider(RevocationSource).useValue(this.feed);
    builder.overrideProvider(RedisRevocationFeedModule).useValue({});
  }

  /** Lets time pass. @param duration such as `'31m'` or `'15d'` */
  advance(duration: string): void {
    this.clock.advance(duration);
  }

  /**
   * The next refresh is served and its answer is lost: the store has advanced, the client's connection is cut. For
   * applications that listen, or that supertest listens for; Fastify's `inject()` has no connection.
   * @param path the end of the route's path
   * @returns what calls it off
   */
  loseNextRefreshAnswer(path = '/refresh'): () => void {
    const server: unknown = this.adapter?.httpAdapter?.getHttpServer();
    if (!server) throw new Error('keyturn/testing: create the application before an answer of it can be lost.');
    return loseNextAnswer(server as Server, (asked) => asked.endsWith(path));
  }

  /**
   * A copy of the refresh token that the client of a session has, as a thief would take it.
   * @throws Error when no token of that session was handed out
   */
  stealToken(sid: string): string {
    for (const tokens of this.tokens) {
      const token = tokens.ofSession(sid);
      if (token !== undefined) return token;
    }
    throw new Error(`keyturn/testing: no refresh token of the session "${sid}" was handed out.`);
  }

  /**
   * No instance learns of revocations, and what it knows grows old by the clock, as when Redis cannot be reached.
   * @returns what lets them arrive again, those of meanwhile first
   */
  pauseFeed(): () => void {
    this.feed.pause();
    return () => this.feed.resume();
  }

  /**
   * The store forgets its last writes, as after a failover or a restore from an older copy; what the revocations did to
   * it is done once more, as with Redis.
   * @param writes how many of those that changed something
   */
  async rollBackStore(writes: number): Promise<void> {
    const since = await this.store.rollBack(writes);
    await this.feed.lostSince(since);
  }

  /**
   * The store does not answer, and the feed is silent, until the clock has passed the duration.
   * @param duration such as `'30s'`
   */
  storeDown(duration: string): void {
    this.store.goDown(this.clock.now() + parseDuration(duration, 'duration'));
  }

  private replaceClock(builder: BuilderUnderTest): void {
    builder.overrideProvider(AuthClock).useValue(this.clock.authClock);
  }
}

/** Stands where a host of Redis has its client. A test that uses it is told what to do, and not that null has no members. */
function absentRedis(): object {
  const known = new Set(['then', 'constructor', 'onModuleInit', 'onApplicationBootstrap', 'onModuleDestroy']);
  const isAsked = (name: string | symbol) =>
    typeof name === 'symbol' || known.has(name) || name.endsWith('ApplicationShutdown');
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (isAsked(name)) return undefined;
        throw new Error(
          `keyturn/testing: Redis was replaced by a store in memory, so there is no client to use (${String(name)}). ` +
            'Override the provider that uses it as well.',
        );
      },
    },
  );
}

import { Logger, type OnModuleInit } from '@nestjs/common';
import type { ModulesContainer, Reflector } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import { answersItself } from './answering-handlers.js';
import { markedHandlers, type MarkedHandler } from './marked-handlers.js';
import { LIVE_SESSION_METADATA, MAX_AGE_METADATA, SLIDING_METADATA, WHEN_STALE_METADATA } from './route-metadata.js';

/** What leaves its mark on a gateway, its messages, a message handler of a microservice, and a stream of events. */
const WITHOUT_HEADERS = ['websockets:is_gateway', 'websockets:message_mapping', 'microservices:pattern', '__sse__'];

/** What a module has to answer its routes with. */
export interface RouteMeans {
  /** `AuthModule` or `ResourceServerModule`. */
  readonly module: string;
  readonly issuer: string;
  /** Whether its guard is there for every route. */
  readonly guardsAll: boolean;
  /** Where this is so, as messages say it: `in strategy 'access'`. */
  readonly place: string;
  /** Whether a store can be asked for a session. */
  readonly asksStore: boolean;
  /** Whether there is a feed whose knowledge can be old. */
  readonly hasFeed: boolean;
  /** Whether access tokens are renewed. */
  readonly renews: boolean;
  /** Whether a session's idle end can be moved. */
  readonly extends: boolean;
}

/** DI token of the {@link RouteMeans}. */
export const ROUTE_MEANS = Symbol.for('keyturn:route-means');

/**
 * Looks at the start for decorators that the module cannot honour: those that ask for a store or a feed are refused where
 * there is none, and of those that slide is told where nothing does.
 */
export class RouteCheck implements OnModuleInit {
  private readonly logger = new Logger('Keyturn');

  constructor(
    private readonly means: RouteMeans,
    private readonly modules: ModulesContainer,
    private readonly reflector: Reflector,
  ) {}

  /** @throws AuthConfigError that names the routes */
  onModuleInit(): void {
    const { asksStore, hasFeed, renews } = this.means;
    const isStale = (policy: string) => this.marked(WHEN_STALE_METADATA, (value) => value === policy);
    if (!asksStore) {
      const live = this.marked(LIVE_SESSION_METADATA, (value) => value === true);
      this.refuse('@RequireLiveSession() has no store to ask', live);
      this.refuse("@WhenStale('check') has no store to ask", isStale('check'));
    }
    if (!hasFeed) this.refuse("@WhenStale('reject') has no feed to go by", isStale('reject'));
    const sliding = this.marked(SLIDING_METADATA, (value) => typeof value === 'object');
    if (!renews) return this.warn('@SlidingSession()', sliding);
    this.warnOfAnswering();
    this.warnOfMessages();
    if (!this.means.extends) {
      this.warn('@SlidingSession({ extendSession: true })', this.marked(SLIDING_METADATA, extendsSession));
    }
    if (sliding.length > 0 && this.marked(MAX_AGE_METADATA, (value) => value !== undefined).length === 0) {
      this.logger.warn(
        'Routes slide, and so does a stolen access token; no route asks for a recent login. Put @RequireRecentAuth() on ' +
          'what a thief must not do, such as paying',
      );
    }
  }

  /** Their headers are sent before a token could be added. */
  private warnOfAnswering(): void {
    const { reflector } = this;
    const slides = ({ target, method }: MarkedHandler): boolean =>
      typeof reflector.getAllAndOverride<unknown>(SLIDING_METADATA, method ? [target, method.of] : [target]) ===
      'object';
    const answering = [...markedHandlers(this.modules.values())].filter(
      (handler) => answersItself(handler) && slides(handler),
    );
    if (answering.length === 0) return;
    this.logger.warn(
      `@SlidingSession() has no effect where a handler writes the answer itself: ${answering.map(({ name }) => name).join(', ')}. ` +
        'Write @Res({ passthrough: true }) and return the body',
    );
  }

  /** Neither a message nor a stream has a header for a token. */
  private warnOfMessages(): void {
    const has = (key: string, { target }: MarkedHandler): boolean =>
      this.reflector.get<unknown>(key, target) !== undefined;
    const names = [...markedHandlers(this.modules.values())]
      .filter((handler) => WITHOUT_HEADERS.some((key) => has(key, handler)))
      .filter(({ target }) => typeof this.reflector.get<unknown>(SLIDING_METADATA, target) === 'object')
      .map(({ name }) => name);
    if (names.length === 0) return;
    this.logger.warn(
      `@SlidingSession() has no effect on gateways, message handlers and streams of events: ${names.join(', ')}. Their ` +
        'clients refresh, or call a route that slides',
    );
  }

  private warn(decorator: string, routes: readonly string[]): void {
    if (routes.length === 0) return;
    this.logger.warn(`${decorator} has no effect ${this.means.place}: ${routes.join(', ')}`);
  }

  private refuse(fault: string, routes: readonly string[]): void {
    if (routes.length > 0) throw new AuthConfigError(`${fault} ${this.means.place}: ${routes.join(', ')}`);
  }

  private marked(key: string, isMeant: (value: unknown) => boolean): string[] {
    return [...markedHandlers(this.modules.values())]
      .filter(({ target }) => isMeant(this.reflector.get<unknown>(key, target)))
      .map(({ name }) => name);
  }
}

const extendsSession = (value: unknown): boolean =>
  typeof value === 'object' && (value as { extendSession?: unknown }).extendSession === true;

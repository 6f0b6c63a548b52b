import {
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type FactoryProvider,
  type NestInterceptor,
} from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { concat, defer, EMPTY, fromEvent, map, of, takeUntil, type Observable } from 'rxjs';
import type { AuthError } from '../auth.errors.js';
import { markedHandlers } from '../routing/marked-handlers.js';
import { streamOf } from '../streams/auth-session.js';
import type { OpenStream } from '../streams/open-streams.js';
import { AuthGraphqlException } from '../transport/auth.exceptions.js';
import { errorMessage } from '../transport/error-translator.js';
import { endedBy } from './ended-iterator.js';

/** What `@Subscription()` of an optional package leaves on a handler. */
const RESOLVER_TYPE_METADATA = 'graphql:resolver_type';

/**
 * Ends a stream of events or a subscription with its session: the last thing that it says is why. Stands on every such
 * handler, and lets pass what nobody guards.
 */
class SessionBoundInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const stream = openedStream(context);
    if (!stream) return next.handle();
    return context.getType<string>() === 'graphql' ? subscription(next, stream) : events(next, stream);
  }
}

/** Where no guard of ours has looked, a context may be without what {@link streamOf} looks for. */
function openedStream(context: ExecutionContext): OpenStream | undefined {
  try {
    return streamOf(context);
  } catch {
    return undefined;
  }
}

function events(next: CallHandler, { signal }: OpenStream): Observable<unknown> {
  const ended = defer(() => (signal.aborted ? of(true) : fromEvent(signal, 'abort')));
  const farewell = defer(() =>
    signal.aborted ? of({ type: 'exception', data: errorMessage(signal.reason as AuthError) }) : EMPTY,
  );
  return concat(next.handle().pipe(takeUntil(ended)), farewell);
}

const subscription = (next: CallHandler, { signal }: OpenStream): Observable<unknown> =>
  next
    .handle()
    .pipe(
      map((source: unknown) => endedBy(source, signal, () => new AuthGraphqlException(signal.reason as AuthError))),
    );

const INTERCEPTOR = new SessionBoundInterceptor();
const seenTo = new WeakSet<object>();

/**
 * Puts the interceptor on every handler that opens a stream, as `@UseInterceptors()` does, before Nest makes the routes.
 * Nobody has to remember it, and other routes pay nothing.
 */
function bindStreams(modules: ModulesContainer, reflector: Reflector): void {
  for (const { target } of markedHandlers(modules.values())) {
    const opens =
      reflector.get<unknown>(SSE_METADATA, target) === true ||
      reflector.get<unknown>(RESOLVER_TYPE_METADATA, target) === 'Subscription';
    // A class may be in several applications of one process.
    if (!opens || seenTo.has(target)) continue;
    seenTo.add(target);
    UseInterceptors(INTERCEPTOR)({}, '', { value: target });
  }
}

/** A factory, which runs before Nest makes the routes; the hooks of modules come after. */
export const STREAM_BINDING: FactoryProvider = {
  provide: Symbol.for('keyturn:stream-binding'),
  inject: [ModulesContainer, Reflector],
  useFactory: bindStreams,
};

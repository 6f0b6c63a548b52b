import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { JwtAuthGuard } from '../guards/jwt-auth.guard.js';
import { SCOPE_LIST } from '../options/scope-form.js';
import type { RouteRule } from '../routing/route-rules.js';
import { staleKnowledge } from '../sessions/session-errors.js';
import type { IncomingRequest } from '../transport/request-context.js';

/** A request as Express and Fastify give it behind proxies that they trust. */
interface ForwardedRequest extends IncomingRequest {
  readonly query?: Readonly<Record<string, unknown>>;
  /** Express: empty unless the peer is trusted. Fastify: starts with the peer, and goes on only if that is trusted. */
  readonly ips?: readonly string[];
}

const SECONDS = /^[1-9]\d{0,8}$/;

const ORIGINAL = Symbol('original request');

/** Noted on the context, and not in a WeakMap, which would cost the garbage collector 5 µs a message. */
interface Check extends ExecutionContext {
  [ORIGINAL]?: IncomingRequest;
}

/**
 * The guard of forward authentication. What the route demands stands in the query, which the proxy's configuration fixes.
 * It judges the request that the proxy was sent, so where a cookie is used the method of that request counts. It never
 * waits for a store.
 */
@Injectable()
export class CheckGuard extends JwtAuthGuard {
  override getRequest(context: ExecutionContext): IncomingRequest {
    const check = context as Check;
    return (check[ORIGINAL] ??= originalRequest(super.getRequest(context)));
  }

  protected override ruleOf(context: ExecutionContext): RouteRule {
    const { query = {} } = super.getRequest(context) as ForwardedRequest;
    const demands = { scopes: scopesOf(query.scope), maxAge: secondsOf(query.max_age) };
    const { whenStale } = super.ruleOf(context);
    return { access: 'guarded', whenStale, live: false, demands, sliding: null };
  }

  /** A proxy has no use for it. */
  protected override get loadUser(): undefined {
    return undefined;
  }

  /** `whenStale: 'check'` means a store, for which no proxy should wait on each of its requests. */
  protected override askStore(): Promise<true> {
    throw staleKnowledge();
  }
}

/** Without one method from a trusted proxy, the request counts as one that changes something. */
function originalRequest({ headers, rawHeaders, raw, ips = [] }: ForwardedRequest): IncomingRequest {
  const isTrusted = ips.length > (raw ? 1 : 0);
  // A proxy sets the name that it knows; the other one may have come from the caller.
  const named = [headers['x-forwarded-method'], headers['x-original-method']].filter((name) => name !== undefined);
  const methods = new Set(named.map((name) => String(name).toUpperCase()));
  const [method] = isTrusted && methods.size === 1 ? methods : [];
  return { headers, rawHeaders, raw, method };
}

/** An empty one counts as left out: configurations share a line. */
function scopesOf(scope: unknown): readonly string[] | undefined {
  if (scope === undefined || scope === '') return undefined;
  if (typeof scope === 'string' && SCOPE_LIST.test(scope)) return scope.split(' ');
  throw new AuthError('invalid_request', 'scope must be given once: names with single blanks between them.');
}

function secondsOf(maxAge: unknown): number | undefined {
  if (maxAge === undefined || maxAge === '') return undefined;
  if (typeof maxAge === 'string' && SECONDS.test(maxAge)) return Number(maxAge);
  throw new AuthError('invalid_request', 'max_age must be given once: whole seconds, 1 or more.');
}

import { createSession } from './session.js';
import type { Session, SessionOptions } from './session.types.js';
import type { StoredSession } from './storage/session-storage.js';

interface CookieOptions {
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: 'lax';
  readonly path: string;
  readonly maxAge: number;
}

interface CookiesLike {
  get(name: string): { readonly value: string } | undefined;
  set?(name: string, value: string, options: CookieOptions): unknown;
}

/** A request as Next.js shows it: `{ cookies: await cookies(), headers: await headers() }`, or a `NextRequest`. */
interface RequestLike {
  readonly cookies: CookiesLike;
  readonly headers: Pick<Headers, 'get'>;
}

interface ResponseLike {
  readonly cookies: { set(name: string, value: string, options: CookieOptions): unknown };
  readonly headers: { set(name: string, value: string): void };
}

/** Settings of {@link nextSessions}. */
export interface NextSessionsOptions extends Pick<SessionOptions, 'url' | 'clientId' | 'apiOrigins'> {
  /**
   * Secrets of at least 32 characters by their ids, the newest first and the same on all instances. A new one is used
   * for tokens received after it; keep the old one until no cookie names it.
   */
  readonly secrets: Readonly<Record<string, string>>;
  /** Name of the cookie that the application keeps the tokens in. Default `keyturn-session`. */
  readonly cookie?: string;
  /** Seconds. Default 400 days, the most that browsers keep. */
  readonly maxAge?: number;
  /** Whether the cookie is for https only. Default `true`. */
  readonly secure?: boolean;
}

const encode = (text: string) => new TextEncoder().encode(text);

/**
 * Sessions of a Next.js application that keeps the tokens for its pages. Middleware, server components and actions may
 * all refresh at once: the key of an attempt is derived from a secret of the server, so all get the same successor.
 *
 * @example
 * ```ts
 * export const sessions = nextSessions({ url, clientId: 'shop', secrets: { k1: process.env.SESSION_SECRET! } });
 * export const middleware = (request: NextRequest) => sessions.middleware(request, NextResponse);
 * const session = sessions.of({ cookies: await cookies(), headers: await headers() });
 * ```
 */
export function nextSessions({ secrets, cookie = 'keyturn-session', secure = true, ...options }: NextSessionsOptions) {
  const [newest] = Object.keys(secrets);
  if (!newest || Object.values(secrets).some((secret) => !(secret?.length >= 32)))
    throw new Error('secrets: give at least one secret, each of 32 characters or more');
  const header = `x-${cookie}`;
  const settings = {
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/',
    maxAge: options.maxAge ?? 34_560_000,
  } as const;

  /** @param give stores the new value of the cookie; it throws where that cannot be done */
  function sessionOf(value: string | undefined, give: (value: string) => void): Session {
    let kept = JSON.parse(value || '{}') as StoredSession & { by?: string };
    return createSession({
      ...options,
      storage: {
        async update<T>(_: string, change: (kept: T | undefined) => T | undefined) {
          const before = kept;
          const next = change((kept.sid ? kept : undefined) as T) as typeof kept | undefined;
          if (next === before || (!next && !before.sid)) return next as T;
          kept = next ? { ...next, by: newest } : ({} as typeof kept);
          try {
            give(next ? JSON.stringify(kept) : '');
          } catch {
            // A server component: the access token serves this request, the refresh token is thrown away.
            if (next) kept = { ...next, refresh: before.refresh, by: before.by };
          }
          return next && (kept as T);
        },
      },
      async deviceSecret(text) {
        const hmac = { name: 'HMAC', hash: 'SHA-256' };
        const key = await crypto.subtle.importKey('raw', encode(secrets[kept.by!]!), hmac, false, ['sign']);
        const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)));
        return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      },
    });
  }

  return {
    /** The session of a request, in server components, actions and route handlers. */
    of: ({ cookies, headers }: RequestLike): Session =>
      sessionOf(headers.get(header) ?? cookies.get(cookie)?.value, (value) => cookies.set!(cookie, value, settings)),

    /**
     * Refreshes before the page is made, and hands the new tokens to its components.
     * @param NextResponse of `next/server`
     */
    async middleware<Response extends ResponseLike>(
      request: RequestLike & { readonly headers: Headers; readonly nextUrl: { readonly pathname: string } },
      NextResponse: { next(init: { request: { headers: Headers } }): Response },
    ): Promise<Response> {
      const headers = new Headers(request.headers);
      // Only what this middleware says counts.
      headers.delete(header);
      let value: string | undefined;
      const isPage = !headers.has('next-router-prefetch') && !request.nextUrl.pathname.startsWith('/_next/');
      if (isPage && headers.get('purpose') !== 'prefetch') {
        await sessionOf(request.cookies.get(cookie)?.value, (next) => (value = next))
          .accessToken()
          .catch(() => undefined);
      }
      if (value !== undefined) headers.set(header, value);
      const response = NextResponse.next({ request: { headers } });
      if (value !== undefined) {
        response.cookies.set(cookie, value, settings);
        response.headers.set('cache-control', 'private, no-store');
      }
      return response;
    },
  };
}

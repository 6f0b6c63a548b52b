import { createSession } from './session.js';
import type { Session, SessionOptions } from './session.types.js';
import type { SessionEnd, StoredEnd, StoredSession } from './storage/session-storage.js';

interface CookieOptions {
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite: 'lax';
  readonly path: string;
  readonly maxAge: number;
}

/** `await cookies()` of `next/headers`. */
interface CookiesLike {
  get(name: string): { readonly value: string } | undefined;
  set(name: string, value: string, options: CookieOptions): unknown;
}

/** `NextRequest`. */
interface RequestLike {
  readonly cookies: { get: CookiesLike['get']; set(name: string, value: string): unknown };
  readonly headers: Headers;
  readonly nextUrl: { readonly pathname: string };
}

/** `NextResponse`. */
interface ResponseLike {
  readonly cookies: { set(name: string, value: string, options: CookieOptions): unknown };
  readonly headers: { set(name: string, value: string): void };
}

/** A session of a request, and why it is over. */
export interface NextSession extends Session {
  /** Why the session ended, until somebody signs in or out; `undefined` before a call of this session has found out. */
  readonly ended?: SessionEnd;
}

/** Settings of {@link nextSessions}. */
export interface NextSessionsOptions extends Pick<SessionOptions, 'url' | 'clientId' | 'apiOrigins'> {
  /**
   * Secrets of at least 32 characters by their ids, the newest first and the same on all instances. A new one is used
   * for tokens received after it; keep the old one until no cookie names it. An id is not a number: JavaScript puts
   * numbers in an order of its own.
   */
  readonly secrets: Readonly<Record<string, string>>;
  /** Name of the cookie that the application keeps the tokens in. Default `keyturn-session`. */
  readonly cookie?: string;
  /** Seconds. Default 400 days, the most that browsers keep. */
  readonly maxAge?: number;
  /** Whether the cookie is for https only. Default `true`. */
  readonly secure?: boolean;
}

/** Milliseconds that a page waits for the answer to a refresh, where it has a token. */
const PATIENCE = 5000;

/** What the cookie holds; `by`: the id of the secret that the attempt keys of its refresh token are derived from. */
type Kept = Partial<StoredSession> & StoredEnd & { readonly by?: string };

/** Bytes of name and value (RFC 6265bis): browsers drop a larger cookie without a word, and keep the one before. */
const LARGEST_COOKIE = 4096;

const encode = (text: string) => new TextEncoder().encode(text);

/** A cookie comes from outside: what cannot be read is no session. */
function read(value: string | undefined): Kept {
  try {
    return (JSON.parse(value!) as Kept | null) ?? {};
  } catch {
    return {};
  }
}

/**
 * Sessions of a Next.js application that keeps the tokens for its pages. Middleware, server components and actions may
 * all refresh at once: the key of an attempt is derived from a secret of the server, so all get the same successor.
 * @throws Error for secrets that are missing or short, or whose ids are numbers
 *
 * @example
 * ```ts
 * const sessions = nextSessions({ url, clientId: 'next', secrets: { k1: process.env.SESSION_SECRET! } });
 * // proxy.ts, which was middleware.ts before Next.js 16
 * export const proxy = (request: NextRequest) => sessions.middleware(request, NextResponse);
 * // server components, actions and route handlers
 * const cart = await sessions.of(await cookies()).fetch('/cart');
 * ```
 */
export function nextSessions({
  secrets,
  cookie = 'keyturn-session',
  secure = true,
  maxAge = 34_560_000,
  ...options
}: NextSessionsOptions) {
  const [newest = ''] = Object.keys(secrets);
  if (!newest || Object.values(secrets).some((secret) => !(secret?.length >= 32)))
    throw new Error('secrets: give at least one secret, each of 32 characters or more');
  // JavaScript puts keys that are numbers before all others: which one is the newest would be lost.
  if (/^\d+$/.test(newest)) throw new Error('secrets: an id must not be a number');

  const settingsOf = (value: string): CookieOptions => ({
    httpOnly: true,
    secure,
    sameSite: 'lax',
    path: '/',
    maxAge: value ? maxAge : 0,
  });

  /**
   * @param give stores the new value of the cookie, empty for none; it throws where that cannot be done
   * @param send in place of `fetch`
   */
  const sessionOf = (
    value: string | undefined,
    give: (value: string) => void,
    send?: typeof globalThis.fetch,
  ): NextSession => {
    let kept = read(value);
    const session = createSession({
      ...options,
      fetch: send,
      storage: {
        async update<T>(_: string, change: (kept: T | undefined) => T | undefined) {
          const before = kept;
          const next = change((kept.sid ? kept : undefined) as T) as Kept | undefined;
          if (next === before || (!next && !before.sid)) return next as T;
          // A new access token alone does not change which key its refresh token goes by.
          kept = next ? { ...next, by: next.refresh === before.refresh ? before.by : newest } : {};
          const text = next ? JSON.stringify(kept) : '';
          const bytes = cookie.length + encodeURIComponent(text).length;
          if (bytes > LARGEST_COOKIE) {
            // Nobody else will say so: the user is signed out, and the log of the server is where its operator looks.
            // oxlint-disable-next-line no-console
            console.error(
              `${cookie}: ${bytes} bytes, and browsers keep cookies of ${LARGEST_COOKIE} at most. Keep claims small.`,
            );
          }
          try {
            give(text);
          } catch {
            // A server component: the access token serves this request, the refresh token is thrown away.
            if (next) kept = { ...next, refresh: before.refresh, by: before.by };
          }
          return next && (kept as T);
        },
      },
      async deviceSecret(text) {
        const hmac = { name: 'HMAC', hash: 'SHA-256' };
        // Where the secret is gone, the newest one has to do: at worst an outstanding retry ends the session.
        const secret = secrets[kept.by!] ?? secrets[newest]!;
        const key = await crypto.subtle.importKey('raw', encode(secret), hmac, false, ['sign']);
        const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(text)));
        return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      },
    });
    return Object.defineProperty(session, 'ended', { get: () => kept.ended });
  };

  return {
    /**
     * The session of a request.
     * @param cookies `await cookies()` of `next/headers`, in server components, actions and route handlers
     */
    of: (cookies: CookiesLike): NextSession =>
      sessionOf(cookies.get(cookie)?.value, (value) => cookies.set(cookie, value, settingsOf(value))),

    /**
     * Refreshes before the page is made, and hands the new tokens to its components in the place of the old ones.
     * @param request as `proxy.ts` (`middleware.ts` before Next.js 16) gets it
     * @param NextResponse of `next/server`
     */
    async middleware<Request extends RequestLike, Response extends ResponseLike>(
      request: Request,
      NextResponse: { next(init: { request: Request }): Response },
    ): Promise<Response> {
      const { cookies, headers, nextUrl } = request;
      let value: string | undefined;
      const purpose = `${headers.get('sec-purpose')} ${headers.get('purpose')}`;
      if (!purpose.includes('prefetch') && !nextUrl.pathname.startsWith('/_next/')) {
        let isOver = false;
        const session = sessionOf(
          cookies.get(cookie)?.value,
          (next) => (value = next),
          // What came later could be stored nowhere, and the token of the cookie would be a spent one.
          (...sent) => (isOver ? Promise.reject(new Error('The page is made.')) : fetch(...sent)),
        );
        // Only here can it be stored: the token should outlive the making of the page. Where the service is away, one that
        // ends sooner will do. An answer that is under way is worth waiting for: it may have spent the token.
        let timer: ReturnType<typeof setTimeout>;
        const waitedEnough = new Promise((resolve) => {
          session.on('error', resolve);
          timer = setTimeout(resolve, PATIENCE);
        });
        await Promise.race([
          session.accessToken({ minLife: 60 }),
          waitedEnough.then(() => session.accessToken()),
        ]).catch(() => undefined);
        clearTimeout(timer!);
        isOver = true;
      }
      // Also for the components: they read the same header that the browser sent, so a client cannot add to it.
      if (value !== undefined) cookies.set(cookie, value);
      const response = NextResponse.next({ request });
      if (value !== undefined) {
        response.cookies.set(cookie, value, settingsOf(value));
        response.headers.set('cache-control', 'private, no-store');
      }
      return response;
    },
  };
}

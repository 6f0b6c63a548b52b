import { within } from './deadline.js';
import { secondsOf } from './retry-after.js';
import { SessionError, type SessionErrorCode } from './session-error.js';

const TIMEOUT = 20_000;

/** Calls a route of the service: POST with a body, even an empty one, else GET. @throws SessionError */
export type CallService = <T>(path: string, body?: unknown, headers?: Record<string, string>) => Promise<T>;

export const bearer = (token?: string): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {});

/**
 * Whether an answer of refresh or renew ends the session: 401 with one of these codes, and nothing else. In cookie
 * transport also that the cookies are gone.
 * @param byAccessToken whether the request had an access token only, which is over then
 */
export const isOver = (
  { status, code }: { readonly status?: number; readonly code?: string },
  byCookie: boolean,
  byAccessToken?: boolean,
): boolean =>
  status === 401 &&
  (/^(token_(reused|invalid)|session_(ended|revoked|replaced))$/.test(code!) ||
    (byCookie && code === 'token_missing') ||
    (!!byAccessToken && code === 'token_expired'));

/** The settings of a request with JSON in it. */
export const posting = (body: unknown, headers?: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Reads an answer of the service. @throws SessionError for one that is no success, or not the service's */
export async function readAnswer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let answer: { readonly code?: SessionErrorCode; readonly message?: string } = {};
  try {
    answer = JSON.parse(text || '{}') ?? answer;
    if (response.ok) return answer as T;
  } catch {
    // A page of a proxy, a firewall, a captive portal: not the service's word.
  }
  const { code = 'unexpected_answer', message } = answer;
  const { status, headers } = response;
  const now = Date.parse(headers.get('date')!) || Date.now();
  throw new SessionError(code, message, status, secondsOf(headers.get('retry-after'), now));
}

export const serviceAt =
  (url: string, byCookie: boolean, redirect: RequestInit['redirect'], send: typeof globalThis.fetch): CallService =>
  (path, body, headers) =>
    within(
      TIMEOUT,
      'offline',
      send(`${url}/${path}`, {
        credentials: byCookie ? 'include' : 'omit',
        redirect,
        ...(body ? posting(body, headers) : { headers }),
      }).then(readAnswer<never>),
    );

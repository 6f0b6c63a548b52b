import { mayReplace } from './access-claims.js';
import { address } from './browser.js';
import { sleep } from './growing-pause.js';
import { isDue, type HeldSession } from './held-session.js';
import type { Emit } from './listeners.js';
import type { Refreshing } from './refresh.js';
import { isOver } from './service-call.js';
import type { Session } from './session.types.js';
import type { SessionEnd, StoredSession } from './storage/session-storage.js';

/** Seconds that a token must be good for where a request cannot be sent again. */
const ONCE = 60;

/** Milliseconds for which a new token is not doubted where an API only says that it does not take it. */
const TRUSTED = 30_000;

type Refusal = Partial<SessionEnd>;

/**
 * What a 401 says: our code, or by the standards (RFC 6750, RFC 9470) where there is none, as behind a proxy that keeps the
 * header alone, with HEAD, and of a resource server that is not ours.
 * @param isOld whether the token may well be over; such an answer does not tell why it is refused
 */
async function refusalOf(response: Response, isOld: boolean): Promise<Refusal> {
  const told = ((await response
    .clone()
    .json()
    .catch(() => null)) ?? {}) as Refusal;
  // Ours are words in small letters; a number, or a name in capitals, is another library's.
  if (told.code! > 'a') return told;
  const said = (name: string) => RegExp(`${name}="?([^",]+)`).exec(response.headers.get('www-authenticate') ?? '')?.[1];
  const error = said('error');
  return {
    code: error === 'invalid_token' ? (isOld ? 'token_expired' : undefined) : error,
    message: said('error_description'),
  };
}

/** What a cancelled request rejects with. React Native's signals know no reason, and have no `throwIfAborted()`. */
const reasonOf = ({ reason }: AbortSignal): Error =>
  (reason as Error | undefined) ?? Object.assign(new Error('Aborted'), { name: 'AbortError' });

/** Who gives up need not wait: not for the password, a refresh or a pause. */
const untilAborted = <T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(reasonOf(signal!));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });

/**
 * Makes what makes the `fetch` of a session, see `Session.wrap`.
 * @param origins of `url` and `apiOrigins`; these and no other get the token, and may renew it
 * @returns it, and what to call when the user has given the password again, or has not
 */
export function sessionFetch(
  origins: readonly string[],
  byCookie: boolean,
  redirect: RequestInit['redirect'],
  clock: () => number,
  [current, update]: HeldSession,
  ensure: (minLife?: number) => Promise<StoredSession | undefined>,
  refresh: Refreshing[0],
  on: Session['on'],
  emit: Emit,
): [wrap: Session['wrap'], reauthenticated: (succeeded: boolean) => void] {
  let waiting: Promise<boolean> | undefined;
  let reauthenticated: (succeeded: boolean) => void = () => undefined;
  let askedBy: string | undefined;

  on('change', () => {
    if (current()?.sid !== askedBy) reauthenticated(false);
  });

  /** Asks the application for the password, once for all requests that wait. @returns whether to send them again */
  function askPassword({ headers }: Response): Promise<boolean> {
    waiting ??= new Promise<boolean>((resolve) => {
      reauthenticated = resolve;
      askedBy = current()?.sid;
      const maxAge = Number(/max_age="?(\d+)/.exec(headers.get('www-authenticate')!)?.[1]);
      if (!emit('reauthenticate', { maxAge, cancel: () => resolve(false) })) resolve(false);
    }).finally(() => (waiting = undefined));
    return waiting;
  }

  async function takeRenewed({ headers, url }: Response, { sid }: StoredSession): Promise<void> {
    const renewed = headers.get('renewed-access-token');
    const life = Number(headers.get('renewed-access-token-expires-in')) * 1000;
    // Judged by where the answer is from, which after a redirect is not where the request went.
    if (!life || !(byCookie || renewed) || !origins.includes(new URL(url || 'none:').origin)) return;
    const access = byCookie ? undefined : renewed!;
    await update((kept) =>
      kept?.sid === sid && (!access || mayReplace(kept.access, access)) ? { ...kept, at: clock(), life, access } : kept,
    );
  }

  const wrap: Session['wrap'] = (send) => async (input, init) => {
    // By what it has, since a package such as undici brings a `Request` of its own.
    const isRequest = typeof input === 'object' && 'url' in input;
    const request = isRequest ? input : undefined;
    const target = new URL(isRequest ? input.url : input, address() ?? origins[1] ?? origins[0]);
    if (!origins.includes(target.origin)) return send(input, init);

    // Which a request needs whose body is a stream.
    const isStream = !!(init as { readonly duplex?: string } | undefined)?.duplex;
    const signal = init?.signal ?? request?.signal;
    const tried: unknown[] = [];

    const attempt = async (session: StoredSession | undefined): Promise<Response> => {
      if (signal?.aborted) throw reasonOf(signal);
      const headers = new Headers(init?.headers ?? request?.headers);
      if (session?.access) headers.set('authorization', `Bearer ${session.access}`);
      const settings: RequestInit = {
        // That a request has `follow` may be its default, and then nobody has asked for it.
        redirect: request?.redirect === 'manual' ? 'manual' : redirect,
        // Signed out, while a logout could not be told yet, the cookies must not speak.
        ...(byCookie && { credentials: session ? 'include' : 'omit' }),
        ...init,
        headers,
      };
      const copy = request?.clone();
      // In the request as well: what traces `fetch`, or stands in for it in tests, may pass on the request alone.
      const response = await send(
        copy ? new (copy.constructor as typeof Request)(copy, settings) : target,
        copy ? { ...settings, body: undefined } : settings,
      );
      if (session) await takeRenewed(response, session);
      if (response.status !== 401 || isStream || !session) return response;
      const isOld = session.isFinal ? isDue(session, clock(), 0) : clock() - session.at > TRUSTED;
      const { code, message } = await refusalOf(response, isOld);
      // What was asked for in one session is not sent in another one, which may be another user's.
      const isOurs = () => current()?.sid === session.sid;
      if (!isOurs() || tried.includes(code)) return response;
      tried.push(code);
      if (code === 'token_not_yet_valid') await sleep(1000);
      else if (code === 'insufficient_user_authentication') {
        if (!(await askPassword(response))) return response;
      }
      // The answer of refresh then says whether the session is over.
      else if (code === 'token_invalid' || !isOver({ status: 401, code }, byCookie, true)) return response;
      else await refresh(session, { code: code!, message: message! });
      return isOurs() ? attempt(current()) : response;
    };
    return untilAborted(signal, ensure(isStream ? ONCE : undefined).then(attempt));
  };

  return [wrap, (succeeded) => reauthenticated(succeeded)];
}

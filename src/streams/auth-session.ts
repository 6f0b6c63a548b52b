import type { ExecutionContext } from '@nestjs/common';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { onConnectionClosed } from '../transport/connection-closed.js';
import { carrierOf, messageSource, noteToken, userOf } from '../transport/request-context.js';
import type { OpenStream, OpenStreams } from './open-streams.js';

/** The session behind a request, as its access token tells it. Times are whole seconds since the epoch. */
export interface AuthSession {
  /** The claim `sid`. */
  readonly id: string;
  /** The user. */
  readonly sub: string;
  /** The client that the session was opened with. */
  readonly clientId: string;
  /** When the password was last given. */
  readonly authTime: number;
  /** When the access token was issued. */
  readonly issuedAt: number;
  /** When the access token expires. */
  readonly expiresAt: number;
  /** Until when sliding can reach; absent where nothing slides. */
  readonly renewUntil?: number;
  /**
   * Fires when the session ends, on whatever instance that was, when the access token expires, or when revocations may
   * have been missed on a route that does not accept that. Its `reason` is an {@link AuthError}. Costs something only when
   * it is asked for.
   *
   * @example
   * ```ts
   * for await (const row of rows) {
   *   session.signal.throwIfAborted();
   *   yield row;
   * }
   * ```
   */
  readonly signal: AbortSignal;
  /**
   * Lets a socket, a stream of events or a subscription go on with a fresh access token of the same session. Its messages
   * count as sent with that token from then on.
   * @throws AuthError why the token is refused; what is open stays open with the old one
   */
  refresh(token: string): Promise<void>;
}

/** What the guard that let a message in knows, for decorators, which can inject nothing. */
export interface Admission {
  readonly streams: OpenStreams;
  /** Whether what the message opens ends when the knowledge of revocations becomes too old. */
  readonly asksFresh: boolean;
  /** The token that a message carries. */
  tokenIn(context: ExecutionContext): string | undefined;
}

const ADMISSION = Symbol.for('keyturn:admission');

interface Admitted {
  [ADMISSION]?: Admission;
}

export function noteAdmission(carrier: object, admission: Admission): void {
  (carrier as Admitted)[ADMISSION] = admission;
}

/** The token that a message was let in with; undefined where our guard let in nobody. */
export const tokenOf = (context: ExecutionContext): string | undefined =>
  (carrierOf(context) as Admitted)[ADMISSION]?.tokenIn(context);

/** The stream that a message belongs to; undefined where our guard let in nobody. */
export function streamOf(context: ExecutionContext): OpenStream | undefined {
  const { kind, carrier } = messageSource(context);
  const claims = userOf(carrier);
  const { [ADMISSION]: admission } = carrier as Admitted;
  if (!claims || !admission) return undefined;
  const { streams, asksFresh } = admission;
  // An RPC message has no connection of its own: all of one token share a stream, which its expiry ends.
  if (kind === 'rpc') return streams.of(claims, claims, undefined, asksFresh);
  return streams.of(carrier, claims, (forget) => onConnectionClosed(context, forget), asksFresh);
}

/** Members by getters of the class: neither JSON nor a log opens a stream by looking at it. */
class Session implements AuthSession {
  readonly id: string;
  readonly sub: string;
  readonly clientId: string;
  readonly authTime: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly renewUntil?: number;
  readonly #context: ExecutionContext;

  constructor(user: AccessTokenClaims, context: ExecutionContext) {
    this.id = user.sid;
    this.sub = user.sub;
    this.clientId = user.client_id;
    this.authTime = user.auth_time;
    this.issuedAt = user.iat;
    this.expiresAt = user.exp;
    this.renewUntil = user.renew_until;
    this.#context = context;
  }

  get signal(): AbortSignal {
    // Where a guard of a test has put the user, nothing ends it.
    return streamOf(this.#context)?.signal ?? new AbortController().signal;
  }

  async refresh(token: string): Promise<void> {
    await streamOf(this.#context)?.refresh(token);
    noteToken(carrierOf(this.#context), token);
  }
}

/** @returns undefined on a route that let an anonymous caller in */
export function sessionOf(context: ExecutionContext): AuthSession | undefined {
  const user = userOf(carrierOf(context));
  return user && new Session(user, context);
}

import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import type { PublishedRevocation } from '../revocation/revocation-feed.js';
import { revocableOf } from '../revocation/revocable.js';
import { Revocations } from '../revocation/revocations.js';
import { revokedToken, staleKnowledge } from '../sessions/session-errors.js';
import { AccessTokenVerifier } from '../tokens/access-token.verifier.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { Deadlines } from './deadlines.js';

/** Milliseconds. */
const WATCH_INTERVAL = 1_000;

/** What a stream lives on: it tells once when it is closed. */
export type OnClosed = (forget: () => void) => void;

/** Something that stays open for a session: a socket, a stream of events, a subscription. */
export interface OpenStream {
  /** Of the newest token. */
  readonly claims: AccessTokenClaims;
  /** Fires when it must end; its `reason` is an {@link AuthError} with the code. */
  readonly signal: AbortSignal;
  /**
   * Goes on with a fresh token of the same session, until that expires.
   * @throws AuthError why the token is refused; the stream stays as it was
   */
  refresh(token: string): Promise<AccessTokenClaims>;
}

/** One open stream, with the deadline of its token. */
class Stream implements OpenStream {
  readonly controller = new AbortController();
  claims!: AccessTokenClaims;
  takeBack: () => void = () => undefined;

  constructor(
    private readonly streams: OpenStreams,
    readonly asksFresh: boolean,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  refresh(token: string): Promise<AccessTokenClaims> {
    return this.streams.refresh(this, token);
  }
}

/**
 * What is open on this instance, by whose session it is. It is told each revocation as the list is, so a stream ends at
 * once when its session does, on whatever instance that was; when its token expires; and, where its route does not accept
 * old knowledge, when that has become too old. One timer for all.
 */
@Injectable()
export class OpenStreams implements OnApplicationShutdown {
  private readonly byOwner = new WeakMap<object, Stream>();
  /** By each subject that can end it: the user, and who acts for the user. */
  private readonly bySubject = new Map<string, Set<Stream>>();
  /** Those whose route does not go on with old knowledge. */
  private readonly askingFresh = new Set<Stream>();
  private isWatching = false;
  private wasStale = false;
  private readonly deadlines: Deadlines;

  constructor(
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(AccessTokenVerifier) private readonly verifier: AccessTokenVerifier,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {
    this.deadlines = new Deadlines(() => clock.now());
    revocations.onReceived((entries) => this.judge(entries));
  }

  /**
   * The stream of an owner, such as a socket; opened when it is first asked for.
   * @param claims of the token that was admitted
   * @param onClosed how it is learned that the owner is gone; without it the stream is known until its token expires
   * @param asksFresh whether it ends when the knowledge of revocations becomes too old
   */
  of(owner: object, claims: AccessTokenClaims, onClosed?: OnClosed, asksFresh = false): OpenStream {
    const known = this.byOwner.get(owner);
    if (known) return known;
    const stream = new Stream(this, asksFresh);
    this.byOwner.set(owner, stream);
    this.attach(stream, claims);
    onClosed?.(() => this.detach(stream));
    return stream;
  }

  /** See {@link OpenStream.refresh}. */
  async refresh(opened: OpenStream, token: string): Promise<AccessTokenClaims> {
    const stream = opened as Stream;
    // Fetched where the keys of another service are not known yet; verify() asks for none.
    await this.verifier.keyOf(token);
    const claims = this.verifier.verify(token);
    const revoked = this.revocations.check(revocableOf(claims));
    if (revoked) throw revokedToken(revoked);
    if (claims.sub !== stream.claims.sub || claims.sid !== stream.claims.sid) {
      throw new AuthError('forbidden', 'The token is of another session. Open a new connection with it.');
    }
    if (stream.signal.aborted) throw stream.signal.reason as AuthError;
    // An older token that came late must not shorten what a newer one has given.
    if (claims.exp <= stream.claims.exp && claims.claims_at <= stream.claims.claims_at) return stream.claims;
    this.detach(stream);
    this.attach(stream, claims);
    return claims;
  }

  /**
   * Runs after a time, by the timer of all streams: for sockets that have not sent a token yet.
   * @returns a function that takes it back
   */
  after(milliseconds: number, run: () => void): () => void {
    return this.deadlines.add(this.clock.now() + milliseconds, run);
  }

  onApplicationShutdown(): void {
    this.deadlines.clear();
  }

  private attach(stream: Stream, claims: AccessTokenClaims): void {
    stream.claims = claims;
    for (const subject of subjectsOf(claims)) {
      const others = this.bySubject.get(subject);
      if (others) others.add(stream);
      else this.bySubject.set(subject, new Set([stream]));
    }
    if (stream.asksFresh) {
      this.askingFresh.add(stream);
      this.watch();
    }
    stream.takeBack = this.deadlines.add(claims.exp * 1000, () => this.end(stream, expired()));
    // What came between the guard and now was told to nobody.
    const because = this.revocations.check(revocableOf(claims));
    if (because) this.end(stream, revokedToken(because));
    else if (this.clock.now() >= claims.exp * 1000) this.end(stream, expired());
  }

  private detach(stream: Stream): void {
    stream.takeBack();
    this.askingFresh.delete(stream);
    for (const subject of subjectsOf(stream.claims)) {
      const others = this.bySubject.get(subject);
      if (others?.delete(stream) && others.size === 0) this.bySubject.delete(subject);
    }
  }

  private judge(entries: readonly PublishedRevocation[]): void {
    if (this.bySubject.size === 0) return;
    for (const subject of new Set(entries.map(({ sub }) => sub))) {
      for (const stream of [...(this.bySubject.get(subject) ?? [])]) {
        const because = this.revocations.check(revocableOf(stream.claims));
        if (because) this.end(stream, revokedToken(because));
      }
    }
  }

  /**
   * Looks each second, while there are streams that ask for it, whether the knowledge has become too old. One that is
   * opened while it is has been let in by its route all the same: the store was asked.
   */
  private watch(): void {
    if (this.isWatching) return;
    this.isWatching = true;
    this.wasStale = this.revocations.isStale();
    const look = (): void => {
      const isStale = this.revocations.isStale();
      if (isStale && !this.wasStale) for (const stream of [...this.askingFresh]) this.end(stream, staleKnowledge());
      this.wasStale = isStale;
      this.isWatching = this.askingFresh.size > 0;
      if (this.isWatching) this.after(WATCH_INTERVAL, look);
    };
    this.after(WATCH_INTERVAL, look);
  }

  private end(stream: Stream, reason: AuthError): void {
    this.detach(stream);
    stream.controller.abort(reason);
  }
}

const expired = (): AuthError => new AuthError('token_expired', 'The access token has expired.');

function subjectsOf(claims: AccessTokenClaims): string[] {
  const { sub, act } = revocableOf(claims);
  return act ? [sub, act.sub] : [sub];
}

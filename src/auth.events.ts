/** What every event tells of its session. Never a token, in any event. */
interface SessionEvent {
  readonly sub: string;
  readonly sid: string;
  readonly clientId: string;
}

/** Where a request came from, as far as it is known. Comes from outside; not to be trusted. */
interface FromDevice {
  readonly ip?: string;
  readonly userAgent?: string;
}

/** What happens to sessions, told after it happened. */
export type AuthEvent =
  | ({ readonly type: 'session.opened' } & SessionEvent & FromDevice)
  | ({ readonly type: 'token.refreshed'; readonly seq: number } & SessionEvent)
  /** A spent token came again in time, or by the same attempt: the same successor was returned. Age in milliseconds. */
  | ({
      readonly type: 'token.replayed';
      readonly seq: number;
      readonly age: number;
      readonly sameAttempt: boolean;
    } & SessionEvent &
      FromDevice)
  /** A spent token came again too late: its session is being ended. Distance in rotations, age in milliseconds. */
  | ({ readonly type: 'token.reused'; readonly distance: number; readonly age: number } & SessionEvent & FromDevice)
  | {
      readonly type: 'session.ended';
      readonly sub: string;
      readonly sid: string;
      readonly reason: 'session_ended' | 'session_revoked' | 'session_replaced' | 'token_reused';
    }
  /** A token we signed is ahead of the store, which has lost its last writes (failover, restore). */
  | ({
      readonly type: 'store.rollback_detected';
      readonly tokenSeq: number;
      readonly recordSeq: number;
    } & SessionEvent);

export type AuthEventListener = (event: AuthEvent) => void;

/**
 * Where events are told. Listeners run at once, in the order they came; what one throws is dropped, since an
 * answer that is already owed to a client must not fail for a listener's sake.
 *
 * @example
 * ```ts
 * constructor(events: AuthEvents) {
 *   events.listen((event) => event.type === 'token.reused' && this.mail.warn(event.sub));
 * }
 * ```
 */
export class AuthEvents {
  private readonly listeners = new Set<AuthEventListener>();

  /** @returns a function that stops listening */
  listen(listener: AuthEventListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: AuthEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch {
        // Told above: a listener's fault stays the listener's.
      }
    }
  }
}

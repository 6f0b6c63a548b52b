import { Inject, Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import {
  AuthError,
  AuthEvents,
  AuthObserver,
  type AuthErrorCode,
  type AuthEvent,
  type SessionEndReason,
} from '../../index.js';
import { RedisUnavailableError } from '../../internal.js';

type Refusal = AuthErrorCode | 'internal_error';

/** Seconds: from a round trip on one machine to the longest `REDIS_COMMAND_TIMEOUT`. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Refusals that are a fault of ours. */
const FAULTS: readonly Refusal[] = ['store_unavailable', 'temporarily_unavailable', 'internal_error'];
const LIMITS = ['source', 'account_source', 'account', 'register', 'ticket', 'email_change'];
const ENDED: readonly SessionEndReason[] = ['session_ended', 'session_revoked', 'session_replaced', 'token_reused'];

/**
 * What the service counts and times, in a registry of its own. A label is one of our own words, never anything that
 * came with a request: else anybody could fill the memory of the metrics server by requests.
 */
@Injectable()
export class ServiceMetrics extends AuthObserver {
  readonly registry = new Registry();

  private readonly refreshes = this.counter('keyturn_refresh_total', 'Refreshes, by how they ended', 'outcome');
  private readonly refreshTimes = new Histogram({
    name: 'keyturn_refresh_seconds',
    help: 'Time of refreshes that were granted, or failed for a fault of ours; refusals are not in it',
    buckets: BUCKETS,
    registers: [this.registry],
  });
  private readonly storeTimes = new Histogram({
    name: 'keyturn_store_seconds',
    help: 'Time of calls to the session store, failed ones included',
    labelNames: ['op'],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  private readonly storeErrors = this.counter(
    'keyturn_store_errors_total',
    'Failed calls to the session store',
    'kind',
  );
  private readonly guardRefusals = this.counter('keyturn_guard_refused_total', 'Requests the guard refused', 'code');
  private readonly ended = this.counter('keyturn_sessions_ended_total', 'Sessions that ended, by why', 'reason');
  private readonly logins = this.counter('keyturn_login_total', 'Logins, by how they ended', 'outcome');

  private readonly limited = this.counter('keyturn_login_limited_total', 'Attempts refused, by the limit', 'limit');

  constructor(@Inject(AuthEvents) events: AuthEvents) {
    super();
    collectDefaultMetrics({ register: this.registry });
    // What alerts look at is there from the start: the first of its kind must be seen as a rise.
    for (const outcome of ['refreshed', 'replayed', 'token_reused', ...FAULTS]) this.refreshes.inc({ outcome }, 0);
    for (const outcome of ['opened', 'invalid_credentials', ...FAULTS]) this.logins.inc({ outcome }, 0);
    for (const limit of LIMITS) this.limited.inc({ limit }, 0);
    this.guardRefusals.inc({ code: 'token_invalid' }, 0);
    for (const kind of ['connection', 'refused', 'unreachable', 'timeout']) this.storeErrors.inc({ kind }, 0);
    for (const reason of ENDED) this.ended.inc({ reason }, 0);
    events.listen((event) => this.count(event));
  }

  override guardRefused(code: AuthErrorCode): void {
    this.guardRefusals.inc({ code });
  }

  override refreshEnded(refusal: Refusal | null, milliseconds: number): void {
    if (refusal !== null) this.refreshes.inc({ outcome: refusal });
    // A flood of garbage, refused in microseconds, must not hide that honest clients wait.
    if (refusal === null || FAULTS.includes(refusal)) this.refreshTimes.observe(milliseconds / 1000);
  }

  override attemptRefused(limit: string): void {
    this.limited.inc({ limit });
  }

  loginOpened(): void {
    this.logins.inc({ outcome: 'opened' });
  }

  loginFailed(error: unknown): void {
    this.logins.inc({ outcome: error instanceof AuthError ? error.code : 'internal_error' });
  }

  /** @param op the method of the store */
  storeAnswered(op: string, milliseconds: number): void {
    this.storeTimes.observe({ op }, milliseconds / 1000);
  }

  storeFailed(error: unknown): void {
    this.storeErrors.inc({ kind: error instanceof RedisUnavailableError ? error.kind : 'other' });
  }

  private count(event: AuthEvent): void {
    if (event.type === 'token.refreshed') this.refreshes.inc({ outcome: 'refreshed' });
    else if (event.type === 'token.replayed') this.refreshes.inc({ outcome: 'replayed' });
    else if (event.type === 'session.ended') this.ended.inc({ reason: event.reason });
  }

  private counter<Label extends string>(name: string, help: string, label: Label): Counter<Label> {
    return new Counter({ name, help, labelNames: [label], registers: [this.registry] });
  }
}

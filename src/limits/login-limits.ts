import { hash } from 'node:crypto';
import type { AuthClock } from '../auth.clock.js';
import { AuthError } from '../auth.errors.js';
import { auditHash } from '../events/audit-line.js';
import type { AuthEvents } from '../events/auth.events.js';
import type { AuthObserver } from '../events/observer.js';
import type { RequestInfo } from '../events/request-info.js';
import { MINUTE } from '../options/durations.js';
import type { LimitName } from '../options/limit-options.js';
import type { AuthPolicy } from '../options/options.js';
import type { AttemptLog, NotedAttempt } from './attempt-log.js';
import { limitOf, withoutLongWait, type Limit } from './limit.js';
import { RefusalReports } from './refusal-reports.js';
import { sourceOf } from './source.js';

/** An attempt at a password, before it is checked. */
export interface PasswordAttempt {
  /** What was typed as the account, in one spelling. Known or not: the limits must not tell. */
  readonly account: string;
  /**
   * Of a device that is known to be the account's, or of a session: it has ten wrong passwords an hour of its own, and
   * is not held up by others while it has them. Never a name that the client may choose.
   */
  readonly device?: string;
}

/** An attempt at something else that is worth a limit: a new account, a ticket that is not known, a new address. */
export interface OtherAttempt {
  /** What is tried: a registration, a ticket of a mail, or a change of address, which mails whomever it names. */
  readonly kind: 'register' | 'ticket' | 'emailChange';
  /** Who is logged in and tries it: then it counts for this user, wherever it comes from. Else it counts by source. */
  readonly sub?: string;
}

/** An attempt that was counted; give it to {@link LoginLimits.reward} when it was a right one. */
export interface CountedAttempt {
  /** Under which keys the attempt was counted. Empty where nothing is limited. */
  readonly counted: readonly { readonly key: string; readonly noted: NotedAttempt }[];
}

interface Bucket {
  readonly name: string;
  readonly key: string;
  readonly limit: Limit;
}

/** An unknown device can be made to wait for so long, and no longer. */
const LONGEST_WAIT = 15 * MINUTE;
/** What a known device has, and so what a stolen device token is worth. */
const OF_DEVICE = limitOf(10, 60 * MINUTE);

const NOTHING: CountedAttempt = { counted: [] };

/** Addresses and accounts are not kept in the store as they are. */
const nameOf = (...parts: readonly string[]): string => hash('sha256', parts.join('\n'), 'base64url').slice(0, 22);

/**
 * Limits how often passwords are tried: by source (an IPv4 address or an IPv6 /64), by account and source, and by
 * account over all sources. Only wrong attempts count: call {@link consume} before a password is checked, and
 * {@link reward} when it was right or was not checked after all. Counted exactly, over all instances on one Redis.
 *
 * @example
 * ```ts
 * const attempt = await limits.consume({ account: email.toLowerCase() }, requestInfoOf(request));
 * const user = await users.withPassword(email, password);
 * if (!user) throw new AuthError('invalid_credentials', 'The e-mail or the password is wrong.');
 * await limits.reward(attempt);
 * ```
 */
export class LoginLimits {
  private readonly limits: Readonly<Record<LimitName, Limit>> | null;
  private readonly reports = new RefusalReports();

  constructor(
    { loginLimits }: Pick<AuthPolicy, 'loginLimits'>,
    private readonly log: AttemptLog,
    private readonly clock: AuthClock,
    private readonly events: AuthEvents,
    private readonly observer?: AuthObserver,
  ) {
    this.limits = loginLimits && limitsOf(loginLimits);
  }

  /**
   * Counts an attempt.
   * @param info of the request, by `requestInfoOf(request)`: its address is the source
   * @throws AuthError `too_many_attempts` with `retryAfter`; the attempt is not counted then
   */
  async consume(attempt: PasswordAttempt | OtherAttempt, info: RequestInfo = {}): Promise<CountedAttempt> {
    if (!this.limits) return NOTHING;
    const device = 'device' in attempt ? attempt.device : undefined;
    if (device !== undefined) {
      const bucket = { name: 'device', key: `device:${nameOf(device)}`, limit: OF_DEVICE };
      const noted = await this.log.note(bucket.key, bucket.limit);
      if ('at' in noted) return { counted: [{ key: bucket.key, noted }] };
    }
    const counted: { key: string; noted: NotedAttempt }[] = [];
    for (const bucket of this.bucketsOf(this.limits, attempt, sourceOf(info.device?.ip))) {
      const noted = await this.log.note(bucket.key, bucket.limit);
      if ('wait' in noted) {
        await this.reward({ counted });
        throw this.refusal(bucket, noted.wait, attempt, info);
      }
      counted.push({ key: bucket.key, noted });
    }
    return { counted };
  }

  /** Takes an attempt back: its password was right, or was not checked. */
  async reward({ counted }: CountedAttempt): Promise<void> {
    await Promise.all(counted.map(({ key, noted }) => this.log.forget(key, noted)));
  }

  /** The account's comes last: what one source may not do must not use up what the account has over all sources. */
  private bucketsOf(
    limits: Readonly<Record<LimitName, Limit>>,
    attempt: PasswordAttempt | OtherAttempt,
    source: string,
  ) {
    const bucket = (name: LimitName, ...parts: readonly string[]): Bucket => ({
      name,
      key: `${name}:${nameOf(...parts)}`,
      limit: limits[name],
    });
    if ('kind' in attempt) return [bucket(attempt.kind, attempt.sub ?? source)];
    const { account } = attempt;
    return [bucket('source', source), bucket('accountSource', account, source), bucket('account', account)];
  }

  private refusal(
    { name, key, limit }: Bucket,
    wait: number,
    attempt: PasswordAttempt | OtherAttempt,
    info: RequestInfo,
  ): AuthError {
    const limitName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    this.observer?.attemptRefused(limitName);
    if (this.reports.isDue(key, this.clock.now(), limit.window)) {
      const who = 'account' in attempt ? { accountHash: auditHash(attempt.account) } : { sub: attempt.sub };
      this.events.emit({ type: 'login.limited', limit: limitName, ...who }, info);
    }
    return new AuthError('too_many_attempts', 'There were too many attempts. Try again later.', {
      retryAfter: Math.ceil(wait / 1000),
    });
  }
}

function limitsOf(rates: NonNullable<AuthPolicy['loginLimits']>): Readonly<Record<LimitName, Limit>> {
  const limits = Object.entries(rates).map(([name, { attempts, window }]) => {
    const limit = limitOf(attempts, window);
    return [name, name === 'account' ? withoutLongWait(limit, LONGEST_WAIT) : limit];
  });
  return Object.fromEntries(limits) as Readonly<Record<LimitName, Limit>>;
}

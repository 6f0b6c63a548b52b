import { AuthError, type AuthErrorCode } from '../auth.errors.js';

/**
 * Is told what happens too often to be an event, for metrics. A host that has one provides it in a global module; it is
 * called on the way to an answer, so it must be quick and must not throw. A guard that lets a request in calls nothing.
 *
 * @example
 * ```ts
 * @Injectable()
 * class Counts extends AuthObserver {
 *   refusals = 0;
 *   guardRefused() {
 *     this.refusals += 1;
 *   }
 *   refreshEnded() {}
 * }
 *
 * @Global()
 * @Module({ providers: [{ provide: AuthObserver, useClass: Counts }], exports: [AuthObserver] })
 * class CountsModule {}
 * ```
 */
export abstract class AuthObserver {
  /** The guard refused a request. */
  abstract guardRefused(code: AuthErrorCode): void;

  /**
   * `POST refresh` was answered; the events tell a successor from a replay.
   * @param refusal null: tokens were granted; `internal_error`: it ended in a fault that nobody foresaw
   */
  abstract refreshEnded(refusal: AuthErrorCode | 'internal_error' | null, milliseconds: number): void;

  /** `LoginLimits` refused an attempt. @param limit the name of the limit, such as `account_source` */
  attemptRefused(_limit: string): void {}
}

const refusalOf = (error: unknown): AuthErrorCode | 'internal_error' =>
  error instanceof AuthError ? error.code : 'internal_error';

export function observeRefresh<T>(observer: AuthObserver | undefined, refresh: () => Promise<T>): Promise<T> {
  return observer ? observed(observer, refresh) : refresh();
}

async function observed<T>(observer: AuthObserver, refresh: () => Promise<T>): Promise<T> {
  const asked = performance.now();
  try {
    const granted = await refresh();
    observer.refreshEnded(null, performance.now() - asked);
    return granted;
  } catch (error) {
    observer.refreshEnded(refusalOf(error), performance.now() - asked);
    throw error;
  }
}

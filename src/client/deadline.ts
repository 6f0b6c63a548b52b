import { SessionError, type SessionErrorCode } from './session-error.js';

/**
 * Waits for something that may fail, or never come. The time counts in two halves: where the device slept, the first
 * timer is late, and the second gives what slept as well its time.
 * @param ms milliseconds
 * @throws SessionError its own, or one with this code, whose `cause` is what failed
 */
export function within<T>(ms: number, code: SessionErrorCode, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown) =>
      reject(cause instanceof SessionError ? cause : Object.assign(new SessionError(code), { cause }));
    let timer = setTimeout(() => (timer = setTimeout(fail, ms / 2)), ms / 2);
    work.then(resolve, fail).finally(() => clearTimeout(timer));
  });
}

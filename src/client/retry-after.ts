/** Seconds. Somebody who comes back once an hour is no burden, and a wrong clock or header costs no more. */
const MOST = 3600;

/**
 * How long `Retry-After` asks to wait (RFC 9110, section 10.2.3: seconds, or a date).
 * @param now what the service's clock says, or else this device's
 * @returns seconds; undefined: it asks for nothing that can be understood
 */
export function secondsOf(retryAfter: string | null, now: number): number | undefined {
  const seconds = Number(retryAfter ?? NaN);
  const left = isNaN(seconds) ? (Date.parse(retryAfter!) - now) / 1000 : seconds;
  return left > 0 ? Math.min(left, MOST) : undefined;
}

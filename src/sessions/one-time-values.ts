/**
 * Remembers values that may be used once, such as the `jti` of a client assertion (RFC 7523 section 3), for all
 * instances together.
 */
export abstract class OneTimeValues {
  /**
   * Marks a value as used.
   * @param value up to 256 characters
   * @param keepFor milliseconds for which the value is remembered
   * @returns whether this was its first use
   * @throws AuthError `store_unavailable`
   */
  abstract use(value: string, keepFor: number): Promise<boolean>;
}

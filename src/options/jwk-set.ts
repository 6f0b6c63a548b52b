/**
 * A JWK Set (RFC 7517 section 5). What must be in each key is checked when it is read and not by its type, since most sets
 * come from a file, an environment variable or a secret store.
 */
export interface JwkSet {
  /** The keys, each a JWK. */
  readonly keys: readonly object[];
}

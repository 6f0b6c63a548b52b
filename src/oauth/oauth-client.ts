import { createHash } from 'node:crypto';
import { isConfidentialClient } from '../options/options.js';
import type { PublicKeys } from '../tokens/public-keys.js';
import { isSameText } from '../tokens/same-text.js';

/** A client as the OAuth routes know it: by configuration, or by the host's `loadClient`. */
export interface OAuthClient {
  readonly id: string;
  readonly transport: 'body' | 'cookie';
  /** SHA-256 of each secret's text, base64url. Two may live at once, so that a secret can be rotated. */
  readonly secretHashes: readonly string[];
  /** The keys of a client that authenticates by `private_key_jwt`. */
  readonly keys?: PublicKeys;
  /** What a machine token of it may be granted. */
  readonly scopes: readonly string[];
  /** The audiences that it may ask tokens for and may introspect. */
  readonly audience: readonly string[];
}

/** The rule of the options, for a client whose keys were read. */
export const isConfidential = ({ secretHashes, keys }: OAuthClient): boolean =>
  isConfidentialClient({ secretHashes, jwks: keys });

/** What the configuration keeps of a secret: a secret stands for at least 32 random bytes, so one SHA-256 is enough. */
export const hashClientSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Whether a secret is one of a client's, in a time that depends on the number of its hashes alone. */
export function isSecretOf({ secretHashes }: Pick<OAuthClient, 'secretHashes'>, secret: string): boolean {
  const given = hashClientSecret(secret);
  let found = false;
  for (const known of secretHashes) {
    if (isSameText(known, given)) found = true;
  }
  return found;
}

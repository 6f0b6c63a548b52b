import type { KeyObject } from 'node:crypto';
import type { AccessTokenAlgorithm } from '../options/options.js';

/** A key that checks signatures. It verifies one algorithm only (RFC 8725 section 3.1). */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: AccessTokenAlgorithm;
  readonly verificationKey: KeyObject;
}

/** Where a verifier looks keys up: the ring of who signs, or what another service has published. */
export interface VerificationKeys {
  /** The key that a token names, if it may verify access tokens at a time (milliseconds). */
  verifying(purpose: 'access', kid: string, alg: string, at: number): VerificationKey | undefined;
  /** Whether it did so once; who only has what is published cannot tell. */
  isRetired?(purpose: 'access', kid: string, alg: string, at: number): boolean;
  /**
   * Resolves when it is settled whether there is such a key, where keys are fetched and this one is not known yet;
   * undefined where there is nothing to wait for.
   */
  settle?(kid: string, alg: string): Promise<void> | undefined;
}

// Loaded where passwords are hashed and nowhere else: the two libraries take 6 MB.
import { scryptSync, timingSafeEqual } from 'node:crypto';
import { hashSync, verifySync as verifyArgon2, type Options } from '@node-rs/argon2';
import { verifySync as verifyBcrypt } from '@node-rs/bcrypt';
import { normalizePassword } from './password-policy.js';
import { hashFault, isArgon2, isBcrypt, scryptOptions } from './stored-hashes.js';

/** What is to be hashed, or compared with a hash. The password is in its one spelling, `normalizePassword`, where it is hashed. */
export type HashJob =
  { readonly password: string; readonly cost: Options } | { readonly password: string; readonly against: string };

/** The hash that was made, or whether the password is the right one. */
export type HashResult = string | boolean;

/** Takes 10 ms and more of its thread. */
export function performHash(job: HashJob): HashResult {
  return 'cost' in job ? hashSync(job.password, job.cost) : verifyHash(job.against, job.password);
}

/**
 * Verifies a hash of ours or of another system, and takes its thread meanwhile. A text that is no hash verifies nothing.
 */
export function verifyHash(hash: string, password: string): boolean {
  const normalized = normalizePassword(password);
  if (isArgon2(hash)) return verifyArgon2(hash, normalized);
  // Hashed elsewhere, most likely as it was typed there; the two spellings differ for few.
  if (verifyForeign(hash, password)) return true;
  return normalized !== password && verifyForeign(hash, normalized);
}

function verifyForeign(hash: string, password: string): boolean {
  if (hashFault(hash) !== undefined) return false;
  if (isBcrypt(hash)) return verifyBcrypt(password, hash);
  const { cost, blockSize, parallelization, salt, digest } = scryptOptions(hash)!;
  // What OpenSSL counts, and some room.
  const maxmem = 256 * blockSize * (cost + parallelization);
  const options = { cost, blockSize, parallelization, maxmem };
  return timingSafeEqual(scryptSync(password, salt, digest.length, options), digest);
}

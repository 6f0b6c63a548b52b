import { scryptSync, timingSafeEqual } from 'node:crypto';
import { verifySync as verifyArgon2 } from '@node-rs/argon2';
import { verifySync as verifyBcrypt } from '@node-rs/bcrypt';
import { normalizePassword } from './password-policy.js';

/** `$2y$12$…`: modular crypt format, as every bcrypt library writes it; `2x` is a faulty one and is not taken. */
const BCRYPT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;
/** `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`: the PHC string format. */
const ARGON2 =
  /^\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/;
/** `$scrypt$ln=15,r=8,p=1$salt$hash`: the PHC string format, N is 2 to the power of ln; base64 without padding. */
const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Nobody's login may take more: 256 MiB, and about a second. */
const MOST = { bcryptCost: 14, argon2Memory: 262_144, argon2Passes: 16, scryptMemory: 2 ** 28 };

/**
 * What is wrong with a hash that was made elsewhere; undefined if a login can verify it.
 * @example hashFault('$2b$12$…') === undefined
 */
export function hashFault(hash: string): string | undefined {
  const [, bcryptCost] = BCRYPT.exec(hash) ?? [];
  if (bcryptCost !== undefined) {
    const isUsual = Number(bcryptCost) >= 4 && Number(bcryptCost) <= MOST.bcryptCost;
    return isUsual ? undefined : `has a bcrypt cost that is not 4 to ${MOST.bcryptCost}`;
  }
  const [, memory, passes, lanes] = (ARGON2.exec(hash) ?? []).map(Number);
  if (memory !== undefined) {
    const isUsual =
      memory >= 8 * lanes! &&
      memory <= MOST.argon2Memory &&
      passes! >= 1 &&
      passes! <= MOST.argon2Passes &&
      lanes! >= 1;
    return isUsual ? undefined : 'has an argon2 cost that is too high or not valid';
  }
  const options = scryptOptions(hash);
  if (options) {
    const { cost, blockSize } = options;
    return cost > 1 && blockSize > 0 && 128 * cost * blockSize <= MOST.scryptMemory
      ? undefined
      : 'has a scrypt cost that is too high or not valid';
  }
  return 'is no hash of bcrypt ($2a$, $2b$, $2y$), scrypt ($scrypt$ln=…) or argon2 ($argon2id$…)';
}

/** Whether a hash is one of ours in its kind; another one is replaced at the next login. */
export const isArgon2 = (hash: string): boolean => hash.startsWith('$argon2');

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
  if (BCRYPT.test(hash)) return verifyBcrypt(password, hash);
  const { cost, blockSize, parallelization, salt, digest } = scryptOptions(hash)!;
  const options = { cost, blockSize, parallelization, maxmem: 256 * cost * blockSize };
  return timingSafeEqual(scryptSync(password, salt, digest.length, options), digest);
}

function scryptOptions(hash: string) {
  const [, logCost, blockSize, parallelization, salt, digest] = SCRYPT.exec(hash) ?? [];
  if (digest === undefined) return null;
  return {
    cost: 2 ** Number(logCost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt!, 'base64'),
    digest: Buffer.from(digest, 'base64'),
  };
}

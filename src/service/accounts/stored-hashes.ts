/** `$2y$12$…`: modular crypt format, as every bcrypt library writes it; `2x` is a faulty one and is not taken. */
const BCRYPT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;
/** `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`: the PHC string format. */
const ARGON2 =
  /^\$argon2(id|i|d)\$v=(16|19)\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}$/;
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
  const argon2 = argon2Options(hash);
  if (argon2) {
    const { memoryCost, timeCost, parallelism } = argon2;
    const isUsual =
      memoryCost >= 8 * parallelism &&
      memoryCost <= MOST.argon2Memory &&
      timeCost >= 1 &&
      timeCost <= MOST.argon2Passes &&
      parallelism >= 1;
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

/** Whether a hash is one of ours in its kind. */
export const isArgon2 = (hash: string): boolean => hash.startsWith('$argon2');

/** Whether it is a hash of bcrypt that a login can verify. */
export const isBcrypt = (hash: string): boolean => BCRYPT.test(hash);

/** What an argon2 hash cost: memory in KiB, passes, lanes; null for another hash. */
export function argon2Options(hash: string) {
  const [, algorithm, version, memory, passes, lanes] = ARGON2.exec(hash) ?? [];
  if (algorithm === undefined) return null;
  return {
    algorithm: `argon2${algorithm}`,
    version: Number(version),
    memoryCost: Number(memory),
    timeCost: Number(passes),
    parallelism: Number(lanes),
  };
}

/** What a scrypt hash cost, and its parts; null for another hash. */
export function scryptOptions(hash: string) {
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

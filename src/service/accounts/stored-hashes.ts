/** `$2y$12$…`: modular crypt format, as every bcrypt library writes it; `2x` is a faulty one and is not taken. */
const BCRYPT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;
/** `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`: the PHC string format. */
const ARGON2 =
  /^\$argon2(id|i|d)\$v=(16|19)\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/;
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
    const { memoryCost, timeCost, parallelism, salt, digest } = argon2;
    if (!isBase64(salt) || !isBase64(digest)) return 'has a salt or a hash that is no base64';
    const isUsual = memoryCost >= 8 * parallelism && memoryCost <= MOST.argon2Memory && timeCost <= MOST.argon2Passes;
    return isUsual ? undefined : 'has an argon2 cost that is too high or not valid';
  }
  const options = scryptOptions(hash);
  if (options) {
    const { cost, blockSize, parallelization } = options;
    // RFC 7914, section 2: N is below 2^(128 r / 8). OpenSSL refuses others too, at each login.
    const isValid = cost > 1 && parallelization > 0 && Math.log2(cost) < 16 * blockSize;
    const isUsual = isValid && 128 * cost * blockSize * parallelization <= MOST.scryptMemory;
    return isUsual ? undefined : 'has a scrypt cost that is too high or not valid';
  }
  return 'is no hash of bcrypt ($2a$, $2b$, $2y$), scrypt ($scrypt$ln=…) or argon2 ($argon2id$…)';
}

/** Whether it is base64 without `=` to the last bit: libraries refuse what only looks like it, at each login. */
const isBase64 = (text: string): boolean => Buffer.from(text, 'base64').toString('base64').replace(/=+$/, '') === text;

/** Whether a hash is one of ours in its kind. */
export const isArgon2 = (hash: string): boolean => hash.startsWith('$argon2');

/** Whether it is a hash of bcrypt that a login can verify. */
export const isBcrypt = (hash: string): boolean => BCRYPT.test(hash);

/** What an argon2 hash cost: memory in KiB, passes, lanes; null for another hash. */
export function argon2Options(hash: string) {
  const [, algorithm, version, memory, passes, lanes, salt, digest] = ARGON2.exec(hash) ?? [];
  if (digest === undefined) return null;
  return {
    algorithm: `argon2${algorithm}`,
    version: Number(version),
    memoryCost: Number(memory),
    timeCost: Number(passes),
    parallelism: Number(lanes),
    salt: salt!,
    digest,
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

import { Injectable, Optional } from '@nestjs/common';
import type { HashJob, HashResult } from './hash-jobs.js';
import { HashQueue } from './hash-queue.js';
import { normalizePassword } from './password-policy.js';
import { argon2Options } from './stored-hashes.js';

/** The cost of a hash: memory in KiB, passes, lanes. */
export interface Argon2Cost {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, 2 passes, 1 lane; about 10 ms. */
export const ARGON2ID: Argon2Cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Where hashing is done; a service has threads for it, the command line has nothing else to do meanwhile. */
export type PerformHash = (job: HashJob) => Promise<HashResult>;

/** Loaded at the first hash: a service that hashes on threads does not need the libraries here. */
const hashHere: PerformHash = async (job) => (await import('./hash-jobs.js')).performHash(job);

/**
 * Hashes and verifies passwords with argon2id, a bounded number at a time. Takes a password as it was typed; its one
 * spelling ({@link normalizePassword}) is found here, for all methods alike.
 *
 * Each hash or verification waits in the line of its source (see {@link HashQueue}), and throws `AuthError('temporarily_unavailable')` when the queue is full.
 *
 * @example
 * ```ts
 * const passwords = new PasswordHasher(new HashQueue());
 * await passwords.verify(await passwords.hash('correct horse'), 'correct horse'); // true
 * ```
 */
@Injectable()
export class PasswordHasher {
  constructor(
    private readonly queue: HashQueue,
    @Optional() private readonly cost: Argon2Cost = ARGON2ID,
    @Optional() private readonly perform: PerformHash = hashHere,
  ) {}

  /** @throws AuthError `temporarily_unavailable` when a hash for this source would find no room in the queue now */
  assertRoom(source?: string): void {
    this.queue.assertRoom(source);
  }

  /** A PHC string with parameters, a salt of its own, and the hash. */
  async hash(password: string, source?: string): Promise<string> {
    const job = { password: normalizePassword(password), cost: this.cost };
    return (await this.queue.run(() => this.perform(job), source)) as string;
  }

  /** Also of a hash of bcrypt or scrypt, which another system made. */
  async verify(passwordHash: string, password: string, source?: string): Promise<boolean> {
    return (await this.queue.run(() => this.perform({ password, against: passwordHash }), source)) as boolean;
  }

  /** Takes as long as {@link verify} with a hash of today's cost, and is always false: for accounts that do not exist. */
  verifyNothing(password: string, source?: string): Promise<boolean> {
    return this.verify(this.hashOfNothing(), password, source);
  }

  /** Whether a hash costs less than today's, or is of another kind: it is then replaced at the next login, when the password is at hand. */
  needsRehash(passwordHash: string): boolean {
    const made = argon2Options(passwordHash);
    return (
      made === null ||
      made.algorithm !== 'argon2id' ||
      made.version !== 19 ||
      made.memoryCost < this.cost.memoryCost ||
      made.timeCost < this.cost.timeCost ||
      made.parallelism < this.cost.parallelism
    );
  }

  /** Written down rather than computed at the first use, which would take twice as long and so tell something. */
  private hashOfNothing(): string {
    const { memoryCost, timeCost, parallelism } = this.cost;
    const [salt, digest] = ['A'.repeat(22), 'A'.repeat(43)];
    return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${digest}`;
  }
}

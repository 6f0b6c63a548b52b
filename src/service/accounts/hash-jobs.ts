import { hashSync, type Options } from '@node-rs/argon2';
import { verifyHash } from './stored-hashes.js';

/** What is to be hashed, or compared with a hash. The password is in its one spelling, `normalizePassword`, where it is hashed. */
export type HashJob =
  { readonly password: string; readonly cost: Options } | { readonly password: string; readonly against: string };

/** The hash that was made, or whether the password is the right one. */
export type HashResult = string | boolean;

/** Takes 10 ms and more of its thread. */
export function performHash(job: HashJob): HashResult {
  return 'cost' in job ? hashSync(job.password, job.cost) : verifyHash(job.against, job.password);
}

import { randomFillSync } from 'node:crypto';
import { AuthError } from '../auth.errors.js';
import { hashAttempt } from '../tokens/refresh-token.js';
import type { RotationRequest } from './rotation.js';

/** What a session is advanced by, see `SessionRecord.attempt`. */
export interface Attempt {
  readonly id: string;
  /** A `fresh` one that is met in the record means that our own command ran twice. */
  readonly from: 'fresh' | 'recalled' | 'client';
  /** For how long it gets the successor it has asked for, milliseconds: bounded for a client's key alone. */
  readonly ttl: number;
  /** Others on the same token whose outcome is unknown; an advance by one of them is ours as well. */
  readonly alsoOurs: readonly string[];
}

/** Shorter ones can be guessed: 22 characters of base64url are 128 bits. */
export const IDEMPOTENCY_KEY_LENGTH = { min: 22, max: 255 } as const;

const VISIBLE = /^[\x21-\x7e]*$/;

/**
 * The attempt of a request: the client's, else the last one of former requests whose outcome is unknown, else a new one.
 * @param keyTtl for how long a client's key gets a lost successor, milliseconds; no less than a request takes, since a
 * command that ran twice in it is met by its own attempt
 * @throws AuthError `invalid_request` for a key that is not 22 to 255 visible ASCII characters
 */
export function attemptOf(idempotencyKey: string | undefined, recalled: readonly string[], keyTtl: number): Attempt {
  if (idempotencyKey !== undefined) {
    const { min, max } = IDEMPOTENCY_KEY_LENGTH;
    if (idempotencyKey.length < min || idempotencyKey.length > max || !VISIBLE.test(idempotencyKey)) {
      throw new AuthError(
        'invalid_request',
        `Idempotency-Key must be ${min} to ${max} visible ASCII characters with at least 128 random bits.`,
      );
    }
    return { id: hashAttempt(idempotencyKey), from: 'client', ttl: keyTtl, alsoOurs: recalled };
  }
  const last = recalled.at(-1);
  return last === undefined
    ? { id: freshId(), from: 'fresh', ttl: Infinity, alsoOurs: [] }
    : { id: last, from: 'recalled', ttl: Infinity, alsoOurs: recalled };
}

/** The attempt by which a record is looked at: the one that advanced it, if that one was ours. */
export const attemptOn = (
  { id, ttl, alsoOurs }: Attempt,
  recordAttempt: string | undefined,
): Pick<RotationRequest, 'attempt' | 'attemptTtl'> =>
  recordAttempt !== undefined && alsoOurs.includes(recordAttempt)
    ? { attempt: recordAttempt, attemptTtl: Infinity }
    : { attempt: id, attemptTtl: ttl };

// Drawn for 512 attempts at once: a call of the system's generator takes 3 µs, however little it is asked for.
const drawn = Buffer.alloc(4096);
let used = drawn.length;

function freshId(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  return drawn.toString('base64url', used, (used += 8));
}

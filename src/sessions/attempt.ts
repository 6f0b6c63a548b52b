import { randomFillSync } from 'node:crypto';
import { AuthError } from '../auth.errors.js';
import { hashAttempt } from '../tokens/refresh-token.js';

/** What a session is advanced by, see `SessionRecord.attempt`. */
export interface Attempt {
  readonly id: string;
  /** A `fresh` one that is met in the record means that our own command ran twice. */
  readonly from: 'fresh' | 'recalled' | 'client';
  /** Others on the same token whose outcome is unknown; an advance by one of them is ours as well. */
  readonly alsoOurs: readonly string[];
}

/** Shorter ones can be guessed: 22 characters of base64url are 128 bits. */
export const IDEMPOTENCY_KEY_LENGTH = { min: 22, max: 255 } as const;

const VISIBLE = /^[\x21-\x7e]*$/;

/**
 * The attempt of a request: the client's, else the last one of former requests whose outcome is unknown, else a new one.
 * @throws AuthError `invalid_request` for a key that is not 22 to 255 visible ASCII characters
 */
export function attemptOf(idempotencyKey: string | undefined, recalled: readonly string[]): Attempt {
  if (idempotencyKey !== undefined) {
    const { min, max } = IDEMPOTENCY_KEY_LENGTH;
    if (idempotencyKey.length < min || idempotencyKey.length > max || !VISIBLE.test(idempotencyKey)) {
      throw new AuthError(
        'invalid_request',
        `Idempotency-Key must be ${min} to ${max} visible ASCII characters with at least 128 random bits.`,
      );
    }
    return { id: hashAttempt(idempotencyKey), from: 'client', alsoOurs: recalled };
  }
  const last = recalled.at(-1);
  return last === undefined
    ? { id: freshId(), from: 'fresh', alsoOurs: [] }
    : { id: last, from: 'recalled', alsoOurs: recalled };
}

/** The attempt by which a record is looked at: the one that advanced it, if that one was ours. */
export const attemptOn = ({ id, alsoOurs }: Attempt, recordAttempt: string | undefined): string =>
  recordAttempt !== undefined && alsoOurs.includes(recordAttempt) ? recordAttempt : id;

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

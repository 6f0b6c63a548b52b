import type { EndCause } from '../../events/request-info.js';
import type { EndNote, PastSession } from '../../sessions/session-history.js';
import { packAddress, unpackAddress } from './ip-address-bytes.js';
import { unpackDetails } from './session-details.js';
import { reasonOf, sidOf } from './session-hash.js';

/*
 * Sessions that have ended stand in the hash of their subject, the latest few, in two fields each:
 *   h <slot>   2 bytes   until when it is remembered (4 bytes, s), end (4, s), reason (1), cause (1), distance (2), age (4, s),
 *                        sid (16), createdAt (4, s), rotatedAt (4, s), seq (4), address of who ended it (the rest)
 *   H <slot>   2 bytes   its details, as they were beside the session
 * No value is longer than 64 bytes, which keeps the hash in its compact form.
 */

/** The letter of a cause. Part of the stored format: only append. */
const CAUSE_LETTERS: Readonly<Record<EndCause, string>> = {
  logout: 'l',
  other_device: 'o',
  logout_everywhere: 'e',
  password_changed: 'p',
  password_reset: 'r',
  disabled: 'd',
  deleted: 'x',
  administrator: 'a',
  session_limit: 'm',
  new_login: 'n',
  subject_gone: 'g',
  outdated: 'v',
  reused: 'u',
  idle: 'I',
  absolute: 'A',
};
const CAUSES = new Map(Object.entries(CAUSE_LETTERS).map(([cause, letter]) => [letter, cause as EndCause]));
const NO_CAUSE = '-';

const FIXED = 44;
/** Of the address: the rest of 64 bytes. */
const MOST_ADDRESS = 20;
const [SLOT_MARK, DETAILS_MARK] = ['h', 'H'];

/** What of a note the script puts behind the reason: cause, distance, age, and the address, which it moves to the end. */
export function packNote({ cause, ip, distance = 0, age = 0 }: EndNote = {}): Buffer {
  const fixed = Buffer.alloc(7);
  fixed.write(cause === undefined ? NO_CAUSE : CAUSE_LETTERS[cause], 'latin1');
  fixed.writeUInt16BE(Math.min(distance, 0xffff), 1);
  fixed.writeUInt32BE(Math.min(Math.round(age / 1000), 0xffff_ffff), 3);
  return Buffer.concat([fixed, addressBytes(ip)]);
}

/** A truncated address is text; one whose text would pass for bytes is left out. */
function addressBytes(ip: string | undefined): Uint8Array {
  const packed = packAddress(ip);
  if (packed) return packed;
  const text = Buffer.from(ip ?? '');
  return text.length > MOST_ADDRESS || text.length === 4 || text.length === 16 ? Buffer.alloc(0) : text;
}

/** The sessions that have ended among the fields and values of a subject's hash, the latest first. */
export function readPast(pairs: readonly Buffer[], now: number): PastSession[] {
  const fields = new Map<string, Buffer>();
  for (let index = 0; index < pairs.length; index += 2) {
    if (pairs[index]!.length === 2) fields.set(pairs[index]!.toString('latin1'), pairs[index + 1]!);
  }
  return [...fields]
    .filter(([field, value]) => field.startsWith(SLOT_MARK) && value.length >= FIXED && seconds(value, 0) > now)
    .map(([field, value]) => readOne(value, fields.get(`${DETAILS_MARK}${field[1]}`) ?? null))
    .filter((past) => past !== null)
    .sort((a, b) => b.endedAt - a.endedAt || b.createdAt - a.createdAt);
}

function readOne(value: Buffer, packedDetails: Buffer | null): PastSession | null {
  const reason = reasonOf(value.toString('latin1', 8, 9));
  // Of a release to come.
  if (reason === null) return null;
  const [distance, age] = [value.readUInt16BE(10), value.readUInt32BE(12) * 1000];
  const address = value.subarray(FIXED);
  const ip = [4, 16].includes(address.length) ? unpackAddress(address) : address.toString();
  const cause = CAUSES.get(value.toString('latin1', 9, 10));
  const { clientId, device } = unpackDetails(packedDetails);
  return {
    sid: sidOf(value.subarray(16, 32)),
    reason,
    endedAt: seconds(value, 4),
    createdAt: seconds(value, 32),
    rotatedAt: seconds(value, 36),
    seq: value.readUInt32BE(40),
    clientId,
    device,
    ...(cause !== undefined && { cause }),
    ...(distance > 0 && { distance, age }),
    ...(ip !== '' && { ip }),
  };
}

const seconds = (value: Buffer, at: number): number => value.readUInt32BE(at) * 1000;

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SessionRecord } from '../sessions/session.js';
import { packAddress, unpackAddress } from './ip-address-bytes.js';
import { SessionFormatError } from './session-format.error.js';
import { USER_AGENT_DICTIONARY } from './user-agent-dictionary.js';

/** What no rotation changes: whose client, which device, the host's claims. */
export type SessionDetails = Pick<SessionRecord, 'clientId' | 'device' | 'claims'>;

/** The client of a session that names none. */
const DEFAULT_CLIENT = 'default';
/** First byte: format in the high half, how to read what follows in the low half. */
const DETAILS_FORMAT = 1;
const DEFLATED = 1;
const HAS_ADDRESS = 2;
// The window is as small as the dictionary allows: 17 instead of 27 microseconds to deflate, 5 to inflate.
const ZLIB = { dictionary: Buffer.from(USER_AGENT_DICTIONARY), level: 9, windowBits: 11, memLevel: 2, chunkSize: 1024 };

/** What is kept as text. Short names: each byte counts against the 64 of a compact hash entry. */
interface DetailsText {
  readonly n?: string;
  readonly u?: string;
  readonly p?: string;
  readonly c?: string;
  readonly h?: SessionRecord['claims'];
}

/**
 * Packs details: format byte, address bytes, then JSON, deflated against a dictionary of user agents where that is
 * shorter. An ordinary browser with a name and an address stays within 64 bytes.
 * @returns null when there is nothing to keep
 */
export function packDetails({ clientId, device, claims }: SessionDetails): Buffer | null {
  const address = packAddress(device.ip);
  const text: DetailsText = {
    n: device.name,
    u: device.userAgent,
    p: address ? undefined : device.ip,
    c: clientId === DEFAULT_CLIENT ? undefined : clientId,
    h: claims,
  };
  const json = JSON.stringify(text);
  if (json === '{}' && !address) return null;
  const plain = Buffer.from(json);
  const deflated = deflateRawSync(plain, ZLIB);
  const isShorter = deflated.length < plain.length;
  const head = (DETAILS_FORMAT << 4) | (isShorter ? DEFLATED : 0) | (address ? HAS_ADDRESS : 0);
  return Buffer.concat([
    Buffer.of(head),
    address ? Buffer.of(address.length) : Buffer.alloc(0),
    address ?? Buffer.alloc(0),
    isShorter ? deflated : plain,
  ]);
}

/** @throws SessionFormatError when another version of Keyturn wrote it in a layout unknown here */
export function unpackDetails(packed: Buffer | null): SessionDetails {
  if (!packed) return { clientId: DEFAULT_CLIENT, device: {} };
  const head = packed[0] ?? 0;
  if (head >> 4 !== DETAILS_FORMAT) {
    throw new SessionFormatError(`A stored session has details of format ${head >> 4}, unknown to this version.`);
  }
  const addressEnd = head & HAS_ADDRESS ? 2 + packed.readUInt8(1) : 1;
  const ip = head & HAS_ADDRESS ? unpackAddress(packed.subarray(2, addressEnd)) : undefined;
  const body = packed.subarray(addressEnd);
  const text = JSON.parse((head & DEFLATED ? inflateRawSync(body, ZLIB) : body).toString()) as DetailsText;
  return {
    clientId: text.c ?? DEFAULT_CLIENT,
    device: present({ name: text.n, userAgent: text.u, ip: ip ?? text.p }),
    ...present({ claims: text.h }),
  };
}

/** Without the members that are undefined, so that what was absent is absent again. */
function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

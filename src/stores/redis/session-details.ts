import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SessionRecord } from '../../sessions/session.js';
import { packAddress, unpackAddress } from './ip-address-bytes.js';
import { USER_AGENT_DICTIONARY } from './user-agent-dictionary.js';

/** What the store holds was written in a layout that this version does not know, such as by a newer version. */
export class SessionFormatError extends Error {
  override readonly name = 'SessionFormatError';
}

/** What no rotation changes: whose client, which device, the host's claims. */
export interface SessionDetails extends Pick<SessionRecord, 'clientId' | 'device' | 'subjectClaims' | 'acr' | 'act'> {
  /** When the subject's claims were read; absent: when the session was opened. */
  readonly claimsAt?: number | null;
}

/** The client of a session that names none. */
const DEFAULT_CLIENT = 'default';
/** First byte: format in the high half, how to read what follows in the low half. */
const DETAILS_FORMAT = 1;
const DEFLATED = 1;
const HAS_ADDRESS = 2;
const HAS_CLIENT = 4;
/** The text has `a` or `t`, which every token is made from: else it need not be inflated for them. */
const HAS_MORE = 8;
// The window is as small as the dictionary allows: 17 instead of 27 microseconds to deflate, 5 to inflate.
const ZLIB = { dictionary: Buffer.from(USER_AGENT_DICTIONARY), level: 9, windowBits: 11, memLevel: 2, chunkSize: 1024 };

/** What is kept as text. Short names: each byte counts against the 64 of a compact hash entry. */
interface DetailsText {
  readonly n?: string;
  readonly u?: string;
  readonly p?: string;
  readonly h?: SessionRecord['subjectClaims'];
  readonly c?: number;
  readonly a?: string;
  readonly t?: readonly [sub: string, generation: number];
}

/**
 * Packs details: format byte, client, address bytes, then JSON, deflated against a dictionary of user agents where that
 * is shorter. The client stands outside, since every refresh reads it and inflating costs more than all else there. An ordinary browser with a name and an address stays within 64 bytes.
 * @returns null when there is nothing to keep
 */
export function packDetails(details: SessionDetails): Buffer | null {
  const { clientId, device, subjectClaims, claimsAt, acr, act } = details;
  const address = packAddress(device.ip);
  const text: DetailsText = {
    n: device.name,
    u: device.userAgent,
    p: address ? undefined : device.ip,
    h: subjectClaims,
    c: subjectClaims && (claimsAt ?? undefined),
    a: acr,
    t: act && [act.sub, act.generation],
  };
  const client = clientId === DEFAULT_CLIENT ? undefined : Buffer.from(clientId);
  const json = JSON.stringify(text);
  if (json === '{}' && !address && !client) return null;
  const plain = Buffer.from(json);
  const deflated = deflateRawSync(plain, ZLIB);
  const isShorter = deflated.length < plain.length;
  const head =
    (DETAILS_FORMAT << 4) |
    (isShorter ? DEFLATED : 0) |
    (address ? HAS_ADDRESS : 0) |
    (client ? HAS_CLIENT : 0) |
    (acr !== undefined || act ? HAS_MORE : 0);
  return Buffer.concat([Buffer.of(head), ...withLength(client), ...withLength(address), isShorter ? deflated : plain]);
}

const withLength = (bytes: Uint8Array | null | undefined): Uint8Array[] =>
  bytes ? [Buffer.of(bytes.length), bytes] : [];

/** What is read of the details when somebody asks for it. */
export type LateDetails = Pick<SessionDetails, 'device' | 'subjectClaims' | 'claimsAt'>;

/** What every token is made from, and what reads the rest. */
export interface ReadDetails extends Pick<SessionDetails, 'clientId' | 'acr' | 'act'> {
  readonly read: () => LateDetails;
  /** Whether `read` has to inflate, which costs more than all else there. */
  readonly mustInflate: boolean;
}

const NO_DETAILS: ReadDetails = {
  clientId: DEFAULT_CLIENT,
  acr: undefined,
  act: undefined,
  read: () => ({ device: {} }),
  mustInflate: false,
};

/**
 * Reads what every token is made from; `read` reads the rest.
 * @throws SessionFormatError at once, when another version of Keyturn wrote it in a layout unknown here
 */
export function lateDetails(packed: Buffer | null): ReadDetails {
  if (!packed) return NO_DETAILS;
  const head = packed[0] ?? 0;
  if (head >> 4 !== DETAILS_FORMAT) {
    throw new SessionFormatError(`A stored session has details of format ${head >> 4}, unknown to this version.`);
  }
  const [client, afterClient] = head & HAS_CLIENT ? lengthy(packed, 1) : [null, 1];
  const rest = head & HAS_MORE ? unpackRest(packed, head, afterClient) : undefined;
  return {
    clientId: client?.toString() ?? DEFAULT_CLIENT,
    acr: rest?.acr,
    act: rest?.act,
    read: () => rest ?? unpackRest(packed, head, afterClient),
    mustInflate: !rest && (head & DEFLATED) !== 0,
  };
}

/** All of the details. @throws SessionFormatError as {@link lateDetails} does */
export function unpackDetails(packed: Buffer | null): SessionDetails {
  const { clientId, acr, act, read } = lateDetails(packed);
  const { device, subjectClaims, claimsAt } = read();
  return { clientId, acr, act, device, subjectClaims, claimsAt };
}

/** Bytes behind their length, and where they end. */
function lengthy(packed: Buffer, at: number): [Buffer, number] {
  const end = at + 1 + packed.readUInt8(at);
  return [packed.subarray(at + 1, end), end];
}

function unpackRest(packed: Buffer, head: number, at: number): Omit<SessionDetails, 'clientId'> {
  const [address, bodyAt] = head & HAS_ADDRESS ? lengthy(packed, at) : [null, at];
  const body = packed.subarray(bodyAt);
  const text = JSON.parse((head & DEFLATED ? inflateRawSync(body, ZLIB) : body).toString()) as DetailsText;
  const ip = address ? unpackAddress(address) : text.p;
  return {
    device: present({ name: text.n, userAgent: text.u, ip }),
    subjectClaims: text.h,
    claimsAt: text.c,
    acr: text.a,
    act: text.t && { sub: text.t[0], generation: text.t[1] },
  };
}

/** Without the members that are undefined, so that what was absent is absent again. */
function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

import { isIP } from 'node:net';

/**
 * The 4 or 16 bytes of an address; null for what does not come back as the same text, such as a truncated address or
 * one with a zone. Text of an IPv6 address is random digits, which no dictionary shortens: 39 bytes instead of 16.
 */
export function packAddress(text: string | undefined): Buffer | null {
  if (text === undefined) return null;
  const kind = isIP(text);
  if (kind === 0) return null;
  const bytes = kind === 4 ? Buffer.from(text.split('.').map(Number)) : packGroups(text);
  return bytes && unpackAddress(bytes) === text ? bytes : null;
}

export function unpackAddress(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16));
  // A URL spells the host as RFC 5952 wants it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function packGroups(text: string): Buffer | null {
  const [left = [], right = []] = text.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = 8 - left.length - right.length;
  if (zeros < 0) return null;
  const bytes = Buffer.alloc(16);
  [...left, ...Array<string>(zeros).fill('0'), ...right].forEach((group, index) => {
    bytes.writeUInt16BE(parseInt(group, 16) & 0xffff, index * 2);
  });
  return bytes;
}

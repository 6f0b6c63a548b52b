import { createHmac, sign, type KeyObject } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** One part of a compact JWS. A text is taken as it is, for JSON that `JSON.stringify` would never write. */
export const part = (content: unknown): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64url');

export type Signer = (signed: string) => string;

export const byHmac =
  (secret: KeyObject | string): Signer =>
  (signed) =>
    createHmac('sha256', secret).update(signed).digest('base64url');

export const byEs256 =
  (key: KeyObject): Signer =>
  (signed) =>
    sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');

/** A compact JWS of any header and payload. */
export function forge(header: unknown, payload: unknown, signer: Signer = () => part('no signature at all')): string {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${signer(signed)}`;
}

/** The token with one part changed. */
export function withPart(token: string, index: number, change: (text: string) => string): string {
  return token
    .split('.')
    .map((text, at) => (at === index ? change(text) : text))
    .join('.');
}

/** Every text that decodes to the same bytes but is spelled differently in its last character: 15, 3 or none. */
export function otherSpellings(text: string): string[] {
  const bytes = Buffer.from(text, 'base64url');
  const last = text.at(-1)!;
  return [...ALPHABET]
    .filter((letter) => letter !== last)
    .map((letter) => text.slice(0, -1) + letter)
    .filter((spelling) => Buffer.from(spelling, 'base64url').equals(bytes));
}

/** Random numbers that are the same in every run (mulberry32): a failure can be repeated. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

import type { KeyInfo } from '../../index.js';

/** A time as the key file has it (RFC 3339). */
export const rfc3339 = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');

/** What a key is and does, in a line for people. Nothing in it is secret. */
export function keyLine(key: KeyInfo): string {
  const until = key.state !== 'retired' && key.retireAt < Infinity ? `, until ${rfc3339(key.retireAt)}` : '';
  return `${key.kid}  ${key.purpose}  ${key.alg}  ${deedOf(key)}${until}`;
}

function deedOf({ state, useFrom, retireAt }: KeyInfo): string {
  switch (state) {
    case 'signing':
      return 'signs';
    case 'coming':
      return `verifies, signs from ${rfc3339(useFrom)}`;
    case 'verifying':
      return 'verifies';
    case 'retired':
      return `retired since ${rfc3339(retireAt)}`;
  }
}

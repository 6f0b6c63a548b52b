import type { AuthError } from '../auth.errors.js';
import { decodeJson, invalidToken } from './token-form.js';

/** Whether the `typ` of a token is that of a Keyturn token. Nothing is verified: anybody can write that. */
export function hasKeyturnType(token: string): boolean {
  const { typ } = decodeJson(token.slice(0, Math.max(0, token.indexOf('.')))) ?? {};
  return typeof typ === 'string' && /^(application\/)?[ar]t\+jwt$/i.test(typ);
}

/**
 * The error for a token that does not say it is ours. Its message says what the token looks like, and holds nothing of
 * the token itself: answers and logs are read by others.
 */
export function foreignToken(token: string, issuer: string): AuthError {
  const [header, payload] = token.split('.', 2).map(decodeJson);
  const seen = header ? [kidSeen(header), algSeen(header), issSeen(payload ?? {}, issuer)] : ['no JWT'];
  return invalidToken(
    `was not issued by Keyturn (${seen.join(', ')}). If it comes from your former login, see docs/moving-in.md`,
  );
}

const kidSeen = ({ kid }: Readonly<Record<string, unknown>>): string =>
  kid === undefined ? 'no kid' : 'a foreign kid';

/** Named only where it is one that exists. */
const algSeen = ({ alg }: Readonly<Record<string, unknown>>): string =>
  typeof alg === 'string' && /^(none|EdDSA|Ed25519|ES256K|[HREP]S(256|384|512))$/.test(alg) ? alg : 'no known alg';

const issSeen = ({ iss }: Readonly<Record<string, unknown>>, issuer: string): string =>
  iss === undefined ? 'iss missing' : iss === issuer ? 'our iss' : 'another iss';

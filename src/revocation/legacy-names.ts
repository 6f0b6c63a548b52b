import { hash } from 'node:crypto';
import { nameOfToken } from '../tokens/token-form.js';
import { noUsersName } from './no-users-name.js';

/** For how long it is remembered what ended tokens of a former login that do not say when they are over. Milliseconds. */
export const LONGEST_LIFE = 400 * 86_400_000;

/** In front of the rest, since a `sub` may end with blanks itself. */
const named = (kind: string, name: string): string => noUsersName(kind) + name;

/**
 * Under what name store and feed know the tokens that a user has of the former login. Its generation is the time, in
 * milliseconds, until which they have ended. A name of its own, since the generations of a host need not be times.
 */
export const legacySubject = (sub: string): string => named('legacy tokens of', sub);

/** Under what name the store keeps that one such token was used up. */
export const usedTokenName = (token: string): string =>
  named('legacy token', hash('sha256', nameOfToken(token), 'base64url'));

/** The generation of an {@link usedTokenName}. */
export const USED = 1;

/** The session of an access token of the former login: what its logout names. Nobody can tell the token from it. */
export const legacySid = (token: string): string =>
  hash('sha256', `keyturn legacy access token ${nameOfToken(token)}`, 'buffer')
    .subarray(0, 16)
    .toString('base64url');

import { AuthConfigError, AuthError } from '../auth.errors.js';
import type { Snapshot, TokenRepository } from './token.repository.js';
import type { RevokedBecause } from '../revocation/revocation-list.js';
import { isOver, type SessionEndReason } from './session.js';

const MESSAGES: Readonly<Record<SessionEndReason, string>> = {
  session_ended: 'The session has ended. Log in again.',
  session_revoked: 'The session was ended by a logout, a password change or an administrator. Log in again.',
  session_replaced: 'The session made room for a newer login. Log in again.',
  token_reused: 'A refresh token was used twice, so the session was ended for safety. Log in again.',
};

export const REFRESHED_TOO_OFTEN = 'The session is refreshed too often. Keep the tokens and try again.';

/** What the owner of a session that is over is told: the reason is the code. */
export const sessionOver = (reason: SessionEndReason): AuthError => new AuthError(reason, MESSAGES[reason]);

/** Why a session that was just read is over, for a token of this generation; null if it is alive. */
export function endOf({ record, ended, generation, now }: Snapshot, ofToken: number): SessionEndReason | null {
  if (!record) return ended ?? 'session_ended';
  if (generation > ofToken) return 'session_revoked';
  return isOver(record, now) ? 'session_ended' : null;
}

/** What the bearer of a revoked token is told. */
export const revokedToken = (because: RevokedBecause): AuthError =>
  because === 'claims_outdated'
    ? new AuthError('token_expired', 'What the access token says of its user has changed. Refresh it.')
    : sessionOver(because);

/** This instance may not know the latest revocations. */
export const staleKnowledge = (): AuthError =>
  new AuthError('temporarily_unavailable', 'Revocations cannot be read right now. Keep the tokens and try again.', {
    retryAfter: 1,
  });

/** The generation was raised after the credentials were read. */
export const credentialsChanged = (): AuthError =>
  new AuthError('invalid_credentials', 'The credentials were changed during the login. Log in again.');

/** The store did not settle in time; the tokens a client holds stay good. */
export const storeTooBusy = (): AuthError =>
  new AuthError('store_unavailable', 'The session store is too busy. Keep the tokens and try again.', {
    retryAfter: 1,
  });

/** For what needs sessions where the strategy keeps none. */
export const noSessionsKept = (): AuthConfigError =>
  new AuthConfigError(
    'the strategies access and access-sliding keep no sessions: there is none to find, to list or to refresh',
  );

/** @throws AuthConfigError where the strategy keeps no sessions, and so has no repository of them */
export function keptIn(repository: TokenRepository | null): TokenRepository {
  if (!repository) throw noSessionsKept();
  return repository;
}

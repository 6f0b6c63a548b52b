import type { EndCause, SessionEndReason } from '../../index.js';

/** What an end was, and what to answer to who asks about it. */
export interface Meaning {
  readonly was: string;
  readonly todo: string;
}

/** Each way to be logged out, in words. */
export const CAUSES: Readonly<Record<EndCause, Meaning>> = {
  logout: {
    was: 'The user logged out on this device.',
    todo: 'Nothing. If the user did not, the app called POST /auth/logout: look at its code for failed calls.',
  },
  other_device: {
    was: 'The session was ended from another session of the same user, in the session list.',
    todo: 'Ask the user whether that was them. If not, somebody else is logged in: reset the password (keyturn users reset).',
  },
  logout_everywhere: {
    was: 'The user logged out everywhere (POST /auth/logout-all).',
    todo: 'Ask the user whether that was them. If not, reset the password (keyturn users reset).',
  },
  password_changed: {
    was: 'The password was changed, which ends all sessions of before.',
    todo: 'Ask the user whether that was them. If not, the account is taken over: keyturn users disable, then a reset.',
  },
  password_reset: {
    was: 'A new password was set by a reset ticket, which ends all sessions of before.',
    todo: 'Ask the user whether they asked for the ticket. If not, somebody reads their mail.',
  },
  disabled: { was: 'An administrator disabled the account.', todo: 'The audit lines user.disabled say who (by_hash).' },
  deleted: { was: 'An administrator deleted the account.', todo: 'The audit lines user.deleted say who (by_hash).' },
  administrator: {
    was: 'An administrator ended all sessions of the account.',
    todo: 'The audit line subject.revoked says who (by_hash). The user can log in again.',
  },
  session_limit: {
    was: 'A new login needed room: the account had as many sessions as MAX_SESSIONS allows, and this was the oldest.',
    todo: 'If the user has fewer devices than that, an app logs in instead of refreshing; else raise MAX_SESSIONS.',
  },
  new_login: {
    was: 'A new login in the same browser took its place.',
    todo: 'Nothing: the newer session is that of the browser.',
  },
  subject_gone: {
    was: 'At a refresh the account was disabled or gone.',
    todo: 'The audit lines user.disabled and user.deleted say when and by whom.',
  },
  outdated: {
    was: 'At a refresh the account had a newer generation: its password was changed, or everything was logged out.',
    todo: 'The audit lines password.changed and subject.revoked of this account say which.',
  },
  reused: {
    was: 'A refresh token that was spent already was used again, so the session was ended for safety: two have its tokens.',
    todo:
      'Compare the addresses: two that are far apart, or a distance above 1, speak for a stolen token, so let the user reset ' +
      'the password. The same device and a distance of 1 speak for an app that lost an answer and retried too late, ' +
      'without an Idempotency-Key, or that keeps two copies of its tokens.',
  },
  idle: {
    was: 'Nobody used the session for longer than SESSION_IDLE.',
    todo: 'Nothing. If users come back later than that, raise SESSION_IDLE.',
  },
  absolute: {
    was: 'The session reached its absolute end (SESSION_ABSOLUTE), however much it was used.',
    todo: 'Nothing. If that is too often, raise SESSION_ABSOLUTE: keyturn policy says what it costs.',
  },
};

/** What the reason alone says, where no more is remembered. */
export const REASONS: Readonly<Record<SessionEndReason, Meaning>> = {
  session_revoked: {
    was: 'The session was ended on purpose: a logout, a password change, or an administrator.',
    todo: 'The audit line session.ended of this sid says more, from the day it was ended.',
  },
  session_replaced: CAUSES.session_limit,
  token_reused: CAUSES.reused,
  session_ended: { was: 'The time of the session was over.', todo: CAUSES.idle.todo },
};

export const UNKNOWN: Meaning = {
  was: 'The store knows nothing of it: it ended longer ago than it is remembered, it reached its absolute end, or the store lost it.',
  todo:
    'Look into the audit log. If many ask at once, Redis lost its data: a restart without persistence, an evicting policy ' +
    '(keyturn doctor tells), or another REDIS_KEY_PREFIX.',
};

import type { AuthErrorCode } from '../../index.js';

/** What the service tells of its accounts, beside what the library tells of sessions. */
interface AccountEvents {
  'user.registered': { readonly sub: string };
  'user.disabled': { readonly sub: string };
  'user.enabled': { readonly sub: string };
  'user.deleted': { readonly sub: string };
  'password.changed': { readonly sub: string; readonly proof: 'password' | 'ticket' };
  /** Anybody who has the ticket can set the password. */
  'password.ticket_issued': { readonly sub: string };
  /** Somebody asked for a mail with a ticket; the hash stands for what was typed, whether or not it has an account. */
  'password.reset_requested': { readonly accountHash: string };
  'email.verified': { readonly sub: string };
  /** A ticket goes to the new address, and a notice to the old one. */
  'email.change_requested': { readonly sub: string };
  'email.changed': { readonly sub: string };
  /** Somebody with an access token of the subject was asked for its password and did not give it. */
  'password.refused': { readonly sub: string; readonly sid: string; readonly code: AuthErrorCode };
}

declare module '../../index.js' {
  interface HostEvents extends AccountEvents {}
}

/** Under which names fields of these events stand in the audit log. */
export const ACCOUNT_AUDIT_FIELDS = { proof: 'proof' } as const;

/** What a mail to a user is about. */
export const MAIL_KINDS = [
  'password-reset',
  'verify-email',
  'change-email',
  'email-changing',
  'account-exists',
] as const;
export type AccountMailKind = (typeof MAIL_KINDS)[number];

/** A mail that a user is to get. */
export interface AccountMail {
  /** The same at each attempt: a receiver that has seen it can drop the repetition. */
  readonly id: string;
  /**
   * `password-reset`: somebody asked for a new password, or registered an address once more before it was confirmed.
   * `verify-email`: the address of an account is to be confirmed. `change-email`: the same for a new address, sent there.
   * `email-changing`: a notice to the old address.
   * `account-exists`: somebody tried to register an address that has an account.
   */
  readonly kind: AccountMailKind;
  /** An address as its owner gave it. Never put it into a header as text: it may hold a line break. */
  readonly to: string;
  /** For `POST /auth/password-reset` or `POST /auth/email/verify`; null where the mail only tells something. */
  readonly ticket: string | null;
  /** The page that uses the ticket, which stands in its fragment. */
  readonly link: string | null;
  /** When the ticket ends, milliseconds since the epoch. */
  readonly expiresAt: number | null;
  /** The language that the user's browser prefers, such as `de-at`; lower case. */
  readonly locale: string | null;
}

/**
 * Sends mails to users. Give one of your own to `createService` to send them your way.
 *
 * @example
 * ```ts
 * class QueueMailer extends AccountMailer {
 *   async send({ id, kind, to, link }: AccountMail): Promise<void> {
 *     await queue.add(kind, { to, link }, { jobId: id });
 *   }
 * }
 * ```
 */
export abstract class AccountMailer {
  /**
   * Resolves when somebody else is responsible for the mail. What is thrown makes the outbox try again; with
   * `DeliveryError` the reason is told in its words, and `isFinal` ends the attempts.
   */
  abstract send(mail: AccountMail): Promise<void>;
}

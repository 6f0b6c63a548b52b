import type { ErrorTable } from '../../index.js';

/** The codes of answers about accounts, beside those of the library. */
export const ACCOUNT_ERRORS = {
  ticket_invalid: {
    status: 400,
    meaning: 'The ticket is unknown, used or too old.',
    client: 'Ask for another ticket.',
  },
  email_unverified: {
    status: 403,
    meaning: 'The password is right, and the e-mail address was not confirmed yet; another mail with a link was sent.',
    client: 'Ask the user to open the link in the mail, then to log in again.',
  },
  email_taken: {
    status: 409,
    meaning: 'The e-mail address has an account.',
    client: 'Let the user log in, or take another address.',
  },
  last_administrator: {
    status: 409,
    meaning: 'Nobody else who can log in has the role `admin`; without one, nobody could give it again.',
    client: 'Give another account that has a password the role `admin` first.',
  },
} as const satisfies ErrorTable;

type AccountErrors = typeof ACCOUNT_ERRORS;

declare module '../../index.js' {
  interface HostErrorCodes extends AccountErrors {}
}

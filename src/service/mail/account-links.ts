import type { AccountMailKind } from './account-mailer.js';

/** Paths of the built-in pages. */
export const RESET_PATH = '/account/reset';
export const VERIFY_PATH = '/account/verify';

export interface LinkPages {
  /** `iss`, the public URL of the service. */
  readonly issuer: string;
  readonly resetPage?: string;
  readonly verifyPage?: string;
}

/**
 * Where the links of mails lead. Built from settings alone: what a request says of its host could be anybody's. The
 * ticket stands in the fragment, which browsers keep from servers, their logs and the `Referer` header.
 */
export class AccountLinks {
  private readonly pages: { readonly reset: string; readonly verify: string };

  constructor({ issuer, resetPage, verifyPage }: LinkPages) {
    const base = issuer.replace(/\/$/, '');
    this.pages = { reset: resetPage ?? base + RESET_PATH, verify: verifyPage ?? base + VERIFY_PATH };
  }

  /** @param ticket letters, digits, `-` and `_` */
  of(kind: AccountMailKind, ticket: string): string {
    return `${kind === 'password-reset' ? this.pages.reset : this.pages.verify}#ticket=${ticket}`;
  }
}

/** What the service says about itself, in `data-*` of the body. */
export interface Settings {
  /** Of the session routes. */
  readonly url: string;
  readonly clientId: string;
  /** Whether other pages of this origin sign in with the same cookies. */
  readonly isShared: boolean;
  /** Whether there is a list of sessions. */
  readonly keepsSessions: boolean;
  /** Whether the service sends mails. */
  readonly sendsMails: boolean;
  /** Where a forgotten password is replaced. */
  readonly resetPage: string;
  readonly passwordMinLength: number;
}

export const readSettings = (
  { routes = '', client = '', shared, sessions, mails, reset = '', minLength }: Readonly<DOMStringMap>,
  address: string,
): Settings => ({
  url: new URL(routes, address).href,
  clientId: client,
  isShared: shared === 'true',
  keepsSessions: sessions === 'true',
  sendsMails: mails === 'true',
  resetPage: reset,
  passwordMinLength: Number(minLength),
});

import { AuthConfigError, type AuthModuleOptions } from '../../index.js';

/** The client of the account page where the operator has none with cookies. */
const ACCOUNT_CLIENT = 'account';

/** As whom the account page signs in. */
export interface AccountClient {
  readonly id: string;
  /** Whether it is a client of the operator, whose own pages have the same cookies. */
  readonly isShared: boolean;
}

type Auth = Pick<AuthModuleOptions, 'issuer' | 'clients' | 'cookies'>;

/**
 * The client of the account page, and the options with it. Cookies have one set of names for all clients, so where the
 * operator has a client with cookies the page shares its session, and nothing is added. Without one nothing else has
 * cookies, so their names and, in development on plain http, their security can be those of the page.
 * @throws AuthConfigError where the name of the client is taken
 */
export function withAccountClient<Options extends Auth>(
  auth: Options,
  production: boolean,
): { readonly auth: Options; readonly client: AccountClient } {
  const { clients = {}, cookies } = auth;
  const withCookies = Object.keys(clients).filter((id) => clients[id]!.transport === 'cookie');
  const [first] = withCookies;
  if (first !== undefined) {
    return { auth, client: { id: withCookies.includes(ACCOUNT_CLIENT) ? ACCOUNT_CLIENT : first, isShared: true } };
  }
  if (ACCOUNT_CLIENT in clients) {
    throw AuthConfigError.of(
      `clients.${ACCOUNT_CLIENT}.transport`,
      'is not \'cookie\', and ACCOUNT_PAGE=true signs in as this client: write {"transport":"cookie"}, or give your client another name',
    );
  }
  // Browsers drop secure cookies of a page without TLS.
  const insecure = !production && auth.issuer.startsWith('http:') && cookies?.sameSite !== 'none';
  return {
    auth: {
      ...auth,
      clients: { ...clients, [ACCOUNT_CLIENT]: { transport: 'cookie' } },
      cookies: { ...cookies, prefix: cookies?.prefix ?? `${ACCOUNT_CLIENT}_`, insecure: cookies?.insecure ?? insecure },
    },
    client: { id: ACCOUNT_CLIENT, isShared: false },
  };
}

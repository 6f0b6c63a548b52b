import type { Provider, Type } from '@nestjs/common';
import type { JwtService } from '@nestjs/jwt';
import { AuthClock } from '../auth.clock.js';
import { AUTH_POLICY, KEYTURN_JWT } from '../auth.constants.js';
import { AuthConfigError } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import { mountAt } from '../routes/auth-routes.js';
import { OneTimeValues } from '../sessions/one-time-values.js';
import { ClientAssertions } from './client-assertions.js';
import { ClientPaces } from './client-paces.js';
import { ClientAuthentication } from './client-authentication.js';
import { IntrospectionController } from './introspection.controller.js';
import { MachineTokens } from './machine-tokens.js';
import { OAuthClients } from './oauth-clients.js';
import { OAuthExceptionFilter } from './oauth-exception.filter.js';
import { MetadataRoutes } from './metadata-routes.js';
import { PresentedTokens } from './presented-tokens.js';
import { RevocationController } from './revocation.controller.js';
import { SessionScopes } from './session-scopes.js';
import { TokenController } from './token.controller.js';

/** The OAuth routes below a path. */
export const oauthControllers = (path: string): Type[] =>
  [TokenController, RevocationController, IntrospectionController].map((controller) => mountAt(path, controller));

/** What the OAuth routes need beside the providers of AuthModule. */
export const oauthProviders = (): Provider[] => [
  { provide: OAuthClients, inject: [AUTH_POLICY], useFactory: (policy: AuthPolicy) => new OAuthClients(policy) },
  {
    provide: ClientAssertions,
    inject: [AUTH_POLICY, KEYTURN_JWT, OAuthClients, { token: OneTimeValues, optional: true }],
    useFactory: (policy: AuthPolicy, jwt: JwtService, clients: OAuthClients, used?: OneTimeValues) => {
      if (!used && (clients.loadsMore || clients.configured.some(({ keys }) => keys))) {
        throw AuthConfigError.of(
          'store',
          'must export OneTimeValues, which remembers the assertions of clients with jwks; the stores of Keyturn do',
        );
      }
      return new ClientAssertions(policy.issuer, jwt, used!, policy.clockTolerance);
    },
  },
  {
    provide: ClientAuthentication,
    inject: [AUTH_POLICY, OAuthClients, ClientAssertions, AuthClock],
    useFactory: (policy: AuthPolicy, clients: OAuthClients, assertions: ClientAssertions, clock: AuthClock) =>
      new ClientAuthentication(
        (clientId) => clients.find(clientId),
        assertions,
        () => clock.now(),
        new ClientPaces(policy.loginLimits?.client ?? null, (clientId) => clients.isConfigured(clientId)),
      ),
  },
  MachineTokens,
  MetadataRoutes,
  OAuthExceptionFilter,
  PresentedTokens,
  SessionScopes,
];

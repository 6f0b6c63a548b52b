import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { isMachine } from '../tokens/claims-rules.js';
import { currentUser } from './current-user.decorator.js';

/** The client behind a request, as its access token tells it. */
export interface AuthClient {
  /** The `client_id` of the machine. */
  readonly id: string;
  /** What the token was granted. */
  readonly scopes: readonly string[];
  /** Whether the client calls for itself (`client_credentials`), and not for a user. */
  readonly isMachine: boolean;
}

/**
 * The client that calls, for itself or for a user; undefined on a route that let an anonymous caller in.
 *
 * @example
 * ```ts
 * @RequireScope('orders:read')
 * @Get('orders')
 * list(@CurrentClient() client: AuthClient) {}
 * ```
 */
export const CurrentClient: () => ParameterDecorator = createParamDecorator(
  (_: undefined, context: ExecutionContext): AuthClient | undefined => {
    const claims = currentUser(context);
    if (!claims) return undefined;
    const scopes = typeof claims.scope === 'string' && claims.scope !== '' ? claims.scope.split(' ') : [];
    return { id: claims.client_id, scopes, isMachine: isMachine(claims) };
  },
);

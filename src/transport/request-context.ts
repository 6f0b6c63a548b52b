import type { ExecutionContext } from '@nestjs/common';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';

/** The part of an incoming HTTP request (Express, Fastify, a WebSocket's handshake) that is read here. */
export interface IncomingRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders?: readonly string[];
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  readonly method?: string;
  readonly ip?: string;
  /** Fastify gives one to each request, and so do some loggers. */
  readonly id?: unknown;
}

/** The request that a response answers. Express calls it `req`, Fastify `request`. Without either nobody can tell where a request is from. */
export function requestOf(response: object): IncomingRequest {
  const { req, request } = response as { req?: IncomingRequest; request?: IncomingRequest };
  return req ?? request ?? { headers: {} };
}

/** Where a message came from: what carries its credentials, and the object the user is noted on. */
export interface MessageSource {
  readonly kind: 'http' | 'ws' | 'graphql' | 'rpc';
  /** Null where there are no headers. Of sockets and RPC messages it is an object of its own for each message. */
  readonly request: IncomingRequest | null;
  /** Lives as long as the message; the guard writes the user here and the decorators read it. */
  readonly carrier: object;
}

/**
 * The one place that knows the kinds of context. A kind that is not known here is refused, never let through.
 * @throws Error for an unknown kind, or a context without what its kind promises
 */
export function messageSource(context: ExecutionContext): MessageSource {
  const kind = context.getType<string>();
  switch (kind) {
    case 'http': {
      // Not switchToHttp(), which makes three closures on each call.
      const request = context.getArgByIndex<IncomingRequest>(0);
      return { kind, request, carrier: request };
    }
    case 'graphql': {
      // The resolver's third argument is what the host's `context` option made; by default { req, res }.
      const request = context.getArgByIndex<{ req?: IncomingRequest } | undefined>(2)?.req;
      if (!request?.headers) throw new Error("Keyturn's guard needs the request in the GraphQL context: { req }");
      return { kind, request, carrier: request };
    }
    case 'ws': {
      // socket.io keeps the handshake on the client; a gateway on `ws` must put { headers } there itself.
      const client = context.switchToWs().getClient<{ handshake?: IncomingRequest } & object>();
      const { handshake } = client;
      return { kind, request: handshake ? { headers: handshake.headers } : null, carrier: client };
    }
    case 'rpc': {
      const carrier = context.switchToRpc().getContext<unknown>();
      if (typeof carrier !== 'object' || carrier === null) throw new Error('the RPC transport gives no context object');
      return { kind, request: rpcHeaders(carrier), carrier };
    }
    default:
      throw new Error(`Keyturn's guard does not know contexts of type '${kind}' and refuses them`);
  }
}

/** Metadata of an RPC message, where its transport has any: NATS and Kafka give headers, gRPC a metadata map. */
function rpcHeaders(carrier: object): IncomingRequest | null {
  const source = carrier as { getHeaders?: () => unknown; getMap?: () => unknown };
  const headers = source.getHeaders?.() ?? source.getMap?.();
  if (typeof headers !== 'object' || headers === null) return null;
  const read = (headers as { get?: (name: string) => unknown }).get;
  const authorization =
    typeof read === 'function'
      ? read.call(headers, 'authorization')
      : (headers as { authorization?: unknown }).authorization;
  // gRPC's metadata gives a list, Kafka's headers a Buffer.
  const value: unknown = Array.isArray(authorization) ? authorization[0] : authorization;
  return { headers: { authorization: Buffer.isBuffer(value) ? value.toString() : (value as string | undefined) } };
}

/** `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process. */
const CLAIMS = Symbol.for('keyturn:claims');

interface Carrier {
  [CLAIMS]?: AccessTokenClaims;
  user?: unknown;
}

/**
 * Notes on a message's carrier who sent it: the claims, and as `user`, where Nest and Passport look, what
 * `handleRequest()` of the guard made of them. Apart, so that a guard of the host's may put its own user there.
 */
export function setUser(carrier: object, claims: AccessTokenClaims, user: unknown = claims): void {
  (carrier as Carrier)[CLAIMS] = claims;
  (carrier as Carrier).user = user;
}

/** The claims that the guard noted; what a test's guard has put at `user`, where ours did not run. */
export const userOf = (carrier: object): AccessTokenClaims | undefined =>
  (carrier as Carrier)[CLAIMS] ?? ((carrier as Carrier).user as AccessTokenClaims | undefined);

import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { connectionRequest } from './connection-request.js';
import type { IncomingRequest } from './incoming-request.js';
import { rpcRequest } from './rpc-request.js';

export type { IncomingRequest };

/** The request that a response answers. Express calls it `req`, Fastify `request`. Without either nobody can tell where a request is from. */
export function requestOf(response: object): IncomingRequest {
  const { req, request } = response as { req?: IncomingRequest; request?: IncomingRequest };
  return req ?? request ?? { headers: {} };
}

/** Where a message came from: what carries its credentials, and the object the user is noted on. */
export interface MessageSource {
  /** What kind of message it is. */
  readonly kind: 'http' | 'ws' | 'graphql' | 'rpc';
  /** Null where nothing carries credentials. Of a connection it is made of its handshake, once. */
  readonly request: IncomingRequest | null;
  /** Lives as long as the message or its connection; the guard writes the user here and the decorators read it. */
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
      const request = httpRequest(context);
      return { kind, request, carrier: request };
    }
    case 'graphql':
      return graphqlSource(graphqlContext(context));
    case 'ws': {
      const client = context.switchToWs().getClient<object>();
      return { kind, request: kept(client, () => handshakeOf(client)), carrier: client };
    }
    case 'rpc': {
      const carrier = context.switchToRpc().getContext<unknown>();
      if (typeof carrier !== 'object' || carrier === null) throw new Error('the RPC transport gives no context object');
      return { kind, request: kept(carrier, () => rpcRequest(carrier, context.getArgByIndex(0))), carrier };
    }
    default:
      throw new Error(`Keyturn's guard does not know contexts of type '${kind}' and refuses them`);
  }
}

/** Lets a message in of which no token is asked. It is taken out of the payload all the same: no pipe and no log is to see it. */
export function passing(context: ExecutionContext): true {
  if (context.getType() === 'rpc' && typeof (context.switchToRpc().getContext() ?? '') === 'object') requestIn(context);
  return true;
}

const isHttp = (context: ExecutionContext): boolean => context.getType() === 'http';
/** Not by switchToHttp(), which makes three closures on each call. */
const httpRequest = (context: ExecutionContext): IncomingRequest => context.getArgByIndex(0);

/**
 * The request of {@link messageSource} alone. Over HTTP it makes no object: V8 takes such objects for long-lived ones, and
 * each keeps its request until the next full garbage collection, which is 3 µs of a request.
 */
export const requestIn = (context: ExecutionContext): IncomingRequest | null =>
  isHttp(context) ? httpRequest(context) : messageSource(context).request;

/** The carrier of {@link messageSource} alone; over HTTP it makes no object either. */
export const carrierOf = (context: ExecutionContext): object =>
  isHttp(context) ? httpRequest(context) : messageSource(context).carrier;

/** Read once for a connection, which many messages come by; and for an RPC message, since reading it takes the token out. */
function kept(connection: object, read: () => IncomingRequest | null): IncomingRequest | null {
  const carrier = connection as Carrier;
  const known = carrier[REQUEST];
  return known === undefined ? (carrier[REQUEST] = read()) : known;
}

/** socket.io keeps its handshake; of a socket of `ws` {@link noteHandshake} has told it. */
function handshakeOf(client: { handshake?: IncomingRequest & { auth?: unknown } }): IncomingRequest | null {
  const { handshake } = client;
  return handshake ? connectionRequest(handshake, handshake.auth) : null;
}

/** Notes the HTTP request that a socket began with, where the socket does not keep it. */
export function noteHandshake(client: object, upgrade: IncomingRequest): void {
  (client as Carrier)[REQUEST] = connectionRequest(upgrade);
}

/** Takes the messages of a connection as sent with this token from now on. */
export function noteToken(connection: object, token: string): void {
  const carrier = connection as Carrier;
  const headers = { ...carrier[REQUEST]?.headers, authorization: `Bearer ${token}` };
  carrier[REQUEST] = { ...carrier[REQUEST], headers };
}

/** The third argument of a resolver, as the drivers of Apollo and Mercurius and their hosts make it. */
export interface GraphqlContext {
  /** The HTTP request; in an operation over graphql-ws Apollo's driver puts the connection here. */
  readonly req?: IncomingRequest & GraphqlConnection;
  readonly res?: unknown;
  /** Mercurius: the reply over HTTP, and the upgrade request and first message of a subscription. */
  readonly reply?: unknown;
  readonly request?: IncomingRequest;
  readonly _connectionInit?: unknown;
}

/** A connection of graphql-ws. */
interface GraphqlConnection {
  readonly connectionParams?: unknown;
  readonly extra?: { readonly request?: IncomingRequest; readonly socket?: object };
}

/** What tells of the query stands last, and the context before it: the resolver of a reference of a federation gets no arguments. */
export function graphqlContext(host: ArgumentsHost): GraphqlContext {
  const [, second, third] = host.getArgs<[unknown, unknown, unknown]>();
  const isReference = typeof (third as { parentType?: unknown } | undefined)?.parentType === 'object';
  return (isReference ? second : third) ?? {};
}

function graphqlSource({ req, request, _connectionInit }: GraphqlContext): MessageSource {
  if (req?.headers) return { kind: 'graphql', request: req, carrier: req };
  const carrier = req?.extra ? req : request;
  if (!carrier) throw new Error(NO_REQUEST);
  const read = (): IncomingRequest =>
    carrier === req
      ? connectionRequest(req.extra!.request, req.connectionParams)
      : connectionRequest(request, _connectionInit);
  return { kind: 'graphql', request: kept(carrier, read), carrier };
}

const NO_REQUEST =
  "Keyturn's guard needs the request in the GraphQL context. Over HTTP let `context` give { req, res }; for " +
  'subscriptions leave `context` of graphql-ws to the driver, or give { req: ctx }';

/** What an answer can be written to: the response of a platform; undefined on sockets and in messages. */
export function responseOf(host: ArgumentsHost): unknown {
  const kind = host.getType<string>();
  if (kind === 'http') return host.getArgByIndex<unknown>(1);
  if (kind !== 'graphql') return undefined;
  const { req, res, reply } = graphqlContext(host);
  // Express has it on the request. Mercurius gives the resolvers of a subscription a reply that is none.
  const candidates = [res, (req as { res?: unknown } | undefined)?.res, reply];
  return candidates.find(
    (candidate) => typeof (candidate as { getHeader?: unknown } | undefined)?.getHeader === 'function',
  );
}

/** `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process. */
const CLAIMS = Symbol.for('keyturn:claims');
const REQUEST = Symbol.for('keyturn:request');
const NOTED_FOR = Symbol.for('keyturn:noted-for');

interface Carrier {
  [REQUEST]?: IncomingRequest | null;
  /** Null where the guard has let in somebody without a token. */
  [CLAIMS]?: AccessTokenClaims | null;
  user?: unknown;
  /** Express has the response here. */
  readonly res?: { readonly locals?: unknown };
}

/** What Express has for notes of one request; with whose they are, since a host may put one object there for all. */
interface Locals {
  [CLAIMS]?: AccessTokenClaims | null;
  [NOTED_FOR]?: object;
}

/**
 * Express changes the prototype of each request, and after that V8 makes a shape of its own for each member that a
 * request gets: 10 µs, and work for the garbage collector. `locals` is a dictionary from the start.
 */
function localsOf(carrier: object): Locals | undefined {
  const locals = (carrier as Carrier).res?.locals;
  return typeof locals === 'object' && locals !== null && Object.isExtensible(locals) ? locals : undefined;
}

/**
 * Notes on a message's carrier who sent it: the claims, and as `user`, where Nest and Passport look, what
 * `handleRequest()` of the guard made of them. Apart, so that a guard of the host's may put its own user there.
 */
export function setUser(carrier: object, claims: AccessTokenClaims, user: unknown = claims): void {
  note(carrier, claims);
  (carrier as Carrier).user = user;
}

/** The first half of {@link setUser}, for a user that comes later: what works on an earlier message keeps its own. */
export const noteClaims = (carrier: object, claims: AccessTokenClaims): void => note(carrier, claims);

/** That a message came without a token: whom a middleware of the host has put at `user`, this guard does not know. */
export const noteNobody = (carrier: object): void => note(carrier, null);

function note(carrier: object, claims: AccessTokenClaims | null): void {
  const locals = localsOf(carrier);
  if (locals) locals[NOTED_FOR] = carrier;
  const place: Locals = locals ?? carrier;
  place[CLAIMS] = claims;
}

/** The claims that the guard noted; what a test's guard has put at `user`, where ours did not run. */
export function userOf(carrier: object): AccessTokenClaims | undefined {
  const noted = notedClaims(carrier);
  return noted === undefined ? ((carrier as Carrier).user as AccessTokenClaims | undefined) : (noted ?? undefined);
}

function notedClaims(carrier: object): AccessTokenClaims | null | undefined {
  const locals = localsOf(carrier);
  return locals?.[NOTED_FOR] === carrier ? locals[CLAIMS] : (carrier as Carrier)[CLAIMS];
}

/** The part of an incoming HTTP request (Express, Fastify, a WebSocket's handshake) that is read here. */
export interface IncomingRequest {
  /** Headers by lower-case names, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as Express's request has them: a header that came twice is seen in them. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** Where Fastify has them. */
  readonly raw?: { readonly rawHeaders?: readonly string[] } | undefined;
  /** The HTTP method. */
  readonly method?: string | undefined;
  /** The address of the caller, as the platform trusts its proxies. */
  readonly ip?: string | undefined;
  /** Fastify gives one to each request, and so do some loggers. */
  readonly id?: unknown;
}

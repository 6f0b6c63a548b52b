/** The part of an incoming HTTP request (Express, Fastify, a WebSocket's handshake) that is read here. */
export interface IncomingRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders?: readonly string[] | undefined;
  readonly raw?: { readonly rawHeaders?: readonly string[] } | undefined;
  readonly method?: string | undefined;
  readonly ip?: string | undefined;
  /** Fastify gives one to each request, and so do some loggers. */
  readonly id?: unknown;
}

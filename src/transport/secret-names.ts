/**
 * Headers of requests and answers, in lower case, whose values open a session or let it be taken over. Keep them out of
 * logs and traces.
 *
 * @example
 * ```ts
 * for (const name of SECRET_HEADERS) delete logged.headers[name];
 * ```
 */
export const SECRET_HEADERS = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'renewed-access-token',
  'idempotency-key',
] as const;

/**
 * Fields of bodies, forms and answers of which the same is true.
 *
 * @example
 * ```ts
 * const masked = Object.fromEntries(Object.entries(body).filter(([name]) => !SECRET_FIELDS.includes(name)));
 * ```
 */
export const SECRET_FIELDS: readonly string[] = [
  'access_token',
  'refresh_token',
  'device_token',
  'password',
  'current_password',
  'new_password',
  'ticket',
  'token',
  'client_secret',
  'client_assertion',
];

/**
 * The paths of all of them for the option `redact` of pino, as pino-http and nestjs-pino lay out requests and answers.
 *
 * @example
 * ```ts
 * LoggerModule.forRoot({ pinoHttp: { redact: redactedPaths() } });
 * ```
 */
export const redactedPaths = (): string[] => [
  ...['req', 'res'].flatMap((side) => SECRET_HEADERS.map((name) => `${side}.headers["${name}"]`)),
  ...['req.body', 'res.body'].flatMap((body) => SECRET_FIELDS.map((name) => `${body}.${name}`)),
];

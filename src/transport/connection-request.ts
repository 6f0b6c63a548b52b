import type { IncomingRequest } from './incoming-request.js';

/** What a client said of itself when it connected: socket.io's `auth`, the `connectionParams` of graphql-ws. */
export type ConnectionParams = Readonly<Record<string, unknown>>;

/** What a handshake tells of who connects. No method: a connection may change something, so its cookies are judged. */
const TOLD = ['authorization', 'cookie', 'origin', 'sec-fetch-site', 'user-agent'];
const BEARER = /^bearer /i;

/**
 * The handshake of a connection as a request: a token that the client gave when it connected stands as its
 * `Authorization`, before one in the headers. Browsers can set no header on a WebSocket.
 *
 * @param upgrade the HTTP request that the connection began with
 */
export function connectionRequest(upgrade: IncomingRequest | undefined, params?: unknown): IncomingRequest {
  const headers = handshakeHeaders(upgrade);
  const authorization = authorizationOf(params) ?? subProtocolToken(upgrade);
  return { headers: authorization === undefined ? headers : { ...headers, authorization }, ip: upgrade?.ip };
}

/** From the raw headers where there are any: Mercurius adds what a client sends later to the parsed ones. */
function handshakeHeaders(
  upgrade: IncomingRequest | undefined,
): Record<string, string | readonly string[] | undefined> {
  if (!upgrade) return {};
  const raw = upgrade.rawHeaders ?? upgrade.raw?.rawHeaders;
  if (!raw) return Object.fromEntries(TOLD.map((name) => [name, upgrade.headers[name]]));
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const [name, value] = [raw[index]!.toLowerCase(), raw[index + 1]!];
    if (!TOLD.includes(name)) continue;
    const known = headers[name];
    // Node joins cookies so. Others of one name stay two, and are refused where they matter.
    if (name === 'cookie') headers[name] = known === undefined ? value : `${String(known)}; ${value}`;
    else headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

/** `Authorization` with its scheme, in any case and also below `headers`; `access_token` or `token` with or without it. */
function authorizationOf(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  const { access_token: accessToken, token, headers } = params as ConnectionParams;
  const bare = [accessToken, token].find((value) => typeof value === 'string' && value !== '') as string | undefined;
  if (bare !== undefined) return BEARER.test(bare) ? bare : `Bearer ${bare}`;
  const [, given] = Object.entries(params).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return typeof given === 'string' ? given : authorizationOf(headers);
}

/** `new WebSocket(url, ['bearer', token])`: a server answers with the first, so the token is not sent back. */
function subProtocolToken(upgrade: IncomingRequest | undefined): string | undefined {
  const offered = upgrade?.headers['sec-websocket-protocol'];
  if (typeof offered !== 'string') return undefined;
  const [scheme, token] = offered.split(',').map((name) => name.trim());
  return scheme === 'bearer' && token ? `Bearer ${token}` : undefined;
}

import { AuthConfigError } from '../auth.errors.js';
import type { IncomingRequest } from './incoming-request.js';

/** The field of a payload that carries the token where a transport has no metadata, as TCP and Redis. */
const TOKEN_FIELD = 'access_token';

/**
 * The payload of an RPC message together with the caller's access token, for transports without headers. The guard of
 * the service that answers takes the token out again, so its handler and its pipes see the payload as it was.
 *
 * @param payload a plain object
 * @throws AuthConfigError for a payload that has no fields, such as a list or a text
 * @example
 * ```ts
 * this.orders.send('orders.list', withAccessToken({ page: 1 }, token));
 * ```
 */
export function withAccessToken<Payload extends object>(
  payload: Payload,
  token: string | undefined,
): Payload & { access_token?: string } {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new AuthConfigError('withAccessToken() needs a plain object as the payload, such as { data }');
  }
  return token === undefined ? payload : { ...payload, [TOKEN_FIELD]: token };
}

interface RpcCarrier {
  /** NATS. */
  getHeaders?: () => unknown;
  /** gRPC: the carrier is its metadata. */
  getMap?: () => unknown;
  /** Kafka has headers on its messages, RabbitMQ among their properties. */
  getMessage?: () => { headers?: unknown; properties?: { headers?: unknown } } | undefined;
  /** MQTT 5. */
  getPacket?: () => { properties?: { userProperties?: unknown } } | undefined;
}

/** What carries the token of an RPC message: its metadata where the transport has any, else a field of its payload. */
export function rpcRequest(carrier: object, payload: unknown): IncomingRequest | null {
  const { getHeaders, getMap, getMessage, getPacket } = carrier as RpcCarrier;
  const message = getMessage?.call(carrier);
  const sources = [
    getHeaders?.call(carrier),
    getMap?.call(carrier),
    message?.headers ?? message?.properties?.headers,
    getPacket?.call(carrier)?.properties?.userProperties,
  ];
  const metadata = sources.find((source): source is object => typeof source === 'object' && source !== null);
  const authorization = (metadata && authorizationIn(metadata)) ?? takenFrom(payload);
  if (authorization === undefined) return metadata ? { headers: {} } : null;
  return { headers: { authorization } };
}

function authorizationIn(metadata: object): string | undefined {
  const read = (metadata as { get?: (name: string) => unknown }).get;
  const given =
    typeof read === 'function'
      ? read.call(metadata, 'authorization')
      : (metadata as { authorization?: unknown }).authorization;
  // gRPC's metadata gives a list, Kafka's headers a Buffer.
  const value: unknown = Array.isArray(given) ? given[0] : given;
  return Buffer.isBuffer(value) ? value.toString() : (value as string | undefined);
}

/** Taken out, so that it gets into no log and past no pipe that refuses unknown fields. */
function takenFrom(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !Object.hasOwn(payload, TOKEN_FIELD)) return undefined;
  const fields = payload as Record<string, unknown>;
  const token = fields[TOKEN_FIELD];
  if (typeof token !== 'string') return undefined;
  delete fields[TOKEN_FIELD];
  return `Bearer ${token}`;
}

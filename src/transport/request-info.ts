import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { traceparentOf } from '../auth.tracing.js';
import type { DeviceInfo, RequestInfo } from '../events/request-info.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { userOf, type IncomingRequest } from './request-context.js';

const REQUEST_ID = /^[\x21-\x7e]{1,64}$/;
/** Under a symbol of the request, since a WeakMap costs the garbage collector 5 µs a request. */
const MADE = Symbol.for('keyturn:request-id');

/**
 * Who asks, to be passed on with a login, a refresh or a revocation, so that its events and audit lines tell of it.
 * The request's id is the one that the platform or a logger has given it, else a new one. Its `X-Request-Id` header, if
 * that is 1 to 64 visible ASCII characters, stands beside it, and its `traceparent`: anybody can choose these.
 *
 * @param deviceName what the client calls itself, for the session list
 * @example
 * ```ts
 * await sessions.revoke(user.sub, user.sid, requestInfoOf(request));
 * ```
 */
export const requestInfoOf = (request: IncomingRequest, deviceName?: string): RequestInfo => ({
  by: callerOf(request),
  device: deviceOf(request, deviceName),
  requestId: requestIdOf(request),
  clientRequestId: readableId(request.headers['x-request-id']),
  traceparent: traceparentOf(request.headers.traceparent),
});

/** Where our guard has not looked, `user` may be anything that a host has put there. */
function callerOf(request: IncomingRequest): string | undefined {
  const user: Partial<AccessTokenClaims> | undefined = userOf(request);
  // In a session that acts for somebody the actor asks.
  const caller: unknown = user?.act?.sub ?? user?.sub;
  return typeof caller === 'string' ? caller : undefined;
}

const readableId = (id: unknown): string | undefined =>
  typeof id === 'string' && REQUEST_ID.test(id) ? id : undefined;

function requestIdOf(request: IncomingRequest & { [MADE]?: string }): string {
  return readableId(request.id) ?? (request[MADE] ??= randomUUID());
}

const MAX_NAME = 64;
const MAX_USER_AGENT = 256;
// eslint-disable-next-line no-control-regex -- control characters are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Text from outside, fit to be kept and shown: one line, bounded, well-formed; nothing is left of an empty one. */
function clean(text: unknown, max: number): string | undefined {
  if (typeof text !== 'string') return undefined;
  const line = text.replace(CONTROL, ' ').trim().slice(0, max).toWellFormed();
  return line === '' ? undefined : line;
}

/** Some proxies write the port behind a client's address, an IPv6 one in brackets: Azure's Application Gateway does. */
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+)):\d{1,5}$/;

/** A proxy passes on what a client wrote as its address, which may be anything; a zone names a card of this machine. */
function addressOf(ip: unknown): string | undefined {
  if (typeof ip !== 'string') return undefined;
  const [, inBrackets, plain] = WITH_PORT.exec(ip) ?? [];
  const address = (inBrackets ?? plain ?? ip).replace(/%.*$/s, '');
  return isIP(address) === 0 ? undefined : address;
}

/** What a request tells of its device. All of it comes from outside: shown to the owner, never trusted. */
export function deviceOf(request: IncomingRequest, name?: string): DeviceInfo {
  return {
    name: clean(name, MAX_NAME),
    userAgent: clean(request.headers['user-agent'], MAX_USER_AGENT),
    ip: addressOf(request.ip),
  };
}

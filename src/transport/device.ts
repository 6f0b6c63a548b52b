import { isIP } from 'node:net';
import type { DeviceInfo } from '../sessions/session.js';
import type { IncomingRequest } from './request-context.js';

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

/** A proxy passes on what a client wrote as its address, which may be anything; a zone names a card of this machine. */
function addressOf(ip: unknown): string | undefined {
  const address = typeof ip === 'string' ? ip.replace(/%.*$/s, '') : '';
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

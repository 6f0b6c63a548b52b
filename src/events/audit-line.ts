import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import type { AuditFields } from '../auth.extensions.js';
import type { AuthEvent, FromRequest, LibraryEvents } from './auth.events.js';

type LibraryField =
  { [Name in keyof LibraryEvents]: keyof LibraryEvents[Name] }[keyof LibraryEvents] | keyof FromRequest;

/** Under which name a field of an event stands in the log, in this order; null: it does not. Each new field is decided on here. */
const LOGGED: Readonly<Record<Exclude<LibraryField, 'sub' | 'by' | 'actor'>, string | null>> = {
  sid: 'sid',
  requestId: 'request_id',
  clientRequestId: 'client_request_id',
  traceparent: 'traceparent',
  code: 'code',
  reason: 'reason',
  cause: 'cause',
  clientId: 'client_id',
  ip: 'ip',
  // As long as a client likes, and the session list has it.
  userAgent: null,
  accountHash: 'account_hash',
  limit: 'limit',
  seq: 'seq',
  age: 'age_ms',
  distance: 'distance',
  sameAttempt: 'same_attempt',
  redeemed: 'redeemed',
  generation: 'generation',
  tokenSeq: 'token_seq',
  recordSeq: 'record_seq',
};
const NAMES = Object.entries(LOGGED).filter((entry): entry is [string, string] => entry[1] !== null);

const MAX_LENGTH = 64;

/** Nothing that is rightly in a line has other characters or is longer; what comes from outside may be anything. */
const plain = (value: unknown): unknown =>
  typeof value === 'string' ? value.slice(0, MAX_LENGTH).replace(/[^\x20-\x7e]/g, '?') : value;

/**
 * A short name for a subject or an account in logs, the same at every time and on every instance: the first 72 bits of
 * SHA-256, base64url. Who has a list of candidates can find the one, so it hides names from a reader, not from a search.
 *
 * @example
 * ```ts
 * events.emit({ type: 'login.failed', accountHash: auditHash(email.toLowerCase()), code: 'invalid_credentials' });
 * ```
 */
export const auditHash = (text: string): string => hash('sha256', text, 'base64url').slice(0, 12);

/** One event as the log has it: data for loggers that write JSON, one line of JSON for those that write text. */
export class AuditLine {
  readonly event: AuthEvent['type'];

  constructor(event: AuthEvent, hostFields: AuditFields = {}) {
    this.event = event.type;
    const line = this as Record<string, unknown>;
    const fields = event as unknown as Readonly<Record<string, unknown>>;
    const { sub, by, actor } = event as { readonly sub?: string; readonly by?: string; readonly actor?: string };
    if (sub !== undefined) line.sub_hash = auditHash(sub);
    if (by !== undefined && by !== sub) line.by_hash = auditHash(by);
    if (actor !== undefined) line.actor_hash = auditHash(actor);
    for (const [field, name] of [...NAMES, ...Object.entries(hostFields)]) {
      if (fields[field] !== undefined) line[name] = plain(fields[field]);
    }
  }

  [inspect.custom](): string {
    return JSON.stringify(this);
  }
}

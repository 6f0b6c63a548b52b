import type { AuthEvent } from '../../index.js';

/** What a receiver is sent. `type` and the members of `data` are a contract: they are added to, never changed. */
export interface WebhookPayload {
  readonly type: string;
  /** RFC 3339: when it happened. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Under which name a member of an event is sent; what is not here is not. */
const SENT: Readonly<Record<string, string>> = {
  sub: 'sub',
  sid: 'sid',
  clientId: 'client_id',
  reason: 'reason',
  cause: 'cause',
  actor: 'actor',
  seq: 'seq',
  distance: 'distance',
  age: 'age_ms',
  generation: 'generation',
  proof: 'proof',
  by: 'by',
  ip: 'ip',
  requestId: 'request_id',
};

const TYPES: ReadonlySet<string> = new Set([
  ...['session.opened', 'session.ended', 'token.reused', 'subject.revoked'],
  ...['user.registered', 'user.disabled', 'user.enabled', 'user.deleted', 'password.changed'],
]);

/** What is sent of an event; null where nothing is: refreshes are too many, and what ended by time was ended by nobody. */
export function webhookPayload(event: AuthEvent, now: number): WebhookPayload | null {
  if (!TYPES.has(event.type)) return null;
  if (event.type === 'session.ended' && event.reason === 'session_ended') return null;
  const fields = event as unknown as Readonly<Record<string, unknown>>;
  const members = Object.entries(SENT).filter(([field]) => fields[field] !== undefined);
  const data = Object.fromEntries(members.map(([field, name]) => [name, fields[field]]));
  return { type: event.type, timestamp: new Date(now).toISOString(), data };
}

/** Whose events are sent one after the other: those of a session, and those of a user. */
export const webhookSubject = ({ data }: WebhookPayload): string => (data.sid ?? data.sub) as string;

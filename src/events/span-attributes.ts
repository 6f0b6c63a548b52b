import type { SpanAttributes } from '../auth.tracing.js';
import { auditHash } from './audit-line.js';

/** What a span tells of a session. A subject may be an address in a host, so its hash stands there, as in audit lines. */
export const sessionAttributes = (sub: string, sid: string, clientId: string): SpanAttributes => ({
  'session.id': sid,
  'user.hash': auditHash(sub),
  'keyturn.client_id': clientId,
});

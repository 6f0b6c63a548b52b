import { createHmac } from 'node:crypto';

/**
 * The headers of a delivery. The id is the same at each attempt, the time is that of the attempt.
 * @param secrets all that sign now: two while a secret is rotated, and the receiver takes either
 * @param seconds since the epoch
 */
export function webhookHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  secrets: readonly string[],
  seconds: number,
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  return {
    'content-type': 'application/json',
    'user-agent': 'Keyturn',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}

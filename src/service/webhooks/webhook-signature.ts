import { createHmac } from 'node:crypto';

/** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks wants it (https://www.standardwebhooks.com). */
export const isWebhookSecret = (text: string): boolean => {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
};

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

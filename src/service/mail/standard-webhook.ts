import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/**
 * The bytes of a secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64 (standardwebhooks.com, "Signature
 * scheme"); null if it is none.
 */
export function webhookKey(secret: string): Buffer | null {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return null;
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  return key.length >= 24 && key.length <= 64 ? key : null;
}

/**
 * The headers by which a receiver knows that a message is ours, that it is new, and whether it came before.
 * @param id the same at each attempt
 * @param now milliseconds; the receiver refuses what is too old
 */
export function webhookHeaders(key: Buffer, id: string, now: number, body: string): Readonly<Record<string, string>> {
  const timestamp = Math.floor(now / 1000);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}

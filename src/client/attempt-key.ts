const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** A key that no script can read; or a random text, where the storage can only keep texts, or on plain http. */
export type DeviceKey = object | string;

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');

/** @param asText whether it must be a text; of 256 random bits */
export const makeDeviceKey = async (asText: boolean): Promise<DeviceKey> =>
  asText || !crypto.subtle
    ? base64url(crypto.getRandomValues(new Uint8Array(32)))
    : crypto.subtle.generateKey(HMAC, false, ['sign']);

/**
 * The `Idempotency-Key` of a refresh: every retry and every tab derives the same one, and somebody who has only the
 * refresh token cannot make it.
 * @param text the refresh token; in cookie transport, where no page can read it, a constant of the client
 * @returns base64url(HMAC-SHA-256(key, text)); the key itself where there is no WebCrypto
 */
export async function attemptKey(key: DeviceKey, text: string): Promise<string> {
  const { subtle } = crypto;
  if (!subtle) return key as string;
  const encode = (from: string) => new TextEncoder().encode(from);
  const hmac = typeof key === 'string' ? await subtle.importKey('raw', encode(key), HMAC, false, ['sign']) : key;
  return base64url(new Uint8Array(await subtle.sign('HMAC', hmac as never, encode(text))));
}

import type { SessionOptions } from './session.types.js';

/** The part of `expo-secure-store` that is used. */
interface SecureStoreLike {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
  deleteItemAsync(key: string): Promise<void>;
}

/** The part of `expo-crypto` that is used. */
interface CryptoLike {
  digest(algorithm: never, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  getRandomBytes(count: number): Uint8Array;
}

const BLOCK = 64;
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * Options with which a session lives in the key store of a phone: its tokens, and the secret of the device.
 *
 * @example
 * ```ts
 * import * as Crypto from 'expo-crypto';
 * import * as SecureStore from 'expo-secure-store';
 * const session = createSession({ url, clientId: 'phone', ...keyStore(SecureStore, Crypto) });
 * ```
 */
export function keyStore(
  store: SecureStoreLike,
  crypto: CryptoLike,
): Required<Pick<SessionOptions, 'storage' | 'deviceSecret'>> {
  let line: Promise<unknown> = Promise.resolve();
  const update = async <T>(name: string, change: (kept: T | undefined) => T | undefined): Promise<T | undefined> => {
    // Its keys know letters and digits only.
    const key = name.replace(/[^\w.-]/g, '_');
    // One after the other, since reading and writing are two calls.
    const before = line;
    let done: (value?: unknown) => void = () => undefined;
    line = new Promise((resolve) => (done = resolve));
    await before;
    try {
      const kept = JSON.parse((await store.getItemAsync(key)) ?? 'null') ?? undefined;
      const next = change(kept);
      if (!next) await store.deleteItemAsync(key);
      else if (next !== kept) await store.setItemAsync(key, JSON.stringify(next));
      return next;
    } finally {
      done();
    }
  };

  /** HMAC-SHA-256 (RFC 2104), since a phone has digests only. */
  async function mac(secret: string, text: string): Promise<string> {
    const encode = (from: string) => new TextEncoder().encode(from);
    const digest = async (pad: number, data: Uint8Array) => {
      const block = new Uint8Array(BLOCK + data.length).fill(pad, 0, BLOCK);
      encode(secret).forEach((byte, index) => (block[index]! ^= byte));
      block.set(data, BLOCK);
      return new Uint8Array(await crypto.digest('SHA-256' as never, block));
    };
    return hex(await digest(0x5c, await digest(0x36, encode(text))));
  }

  return {
    storage: { update },
    async deviceSecret(text) {
      const made = hex(crypto.getRandomBytes(32));
      return mac((await update<string>('keyturn-key', (kept) => kept ?? made))!, text);
    },
  };
}

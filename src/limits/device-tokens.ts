import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { AuthClock } from '../auth.clock.js';
import { isSameText } from '../tokens/same-text.js';
import { decodeJson, encodeJson } from '../tokens/token-form.js';
import type { KeyRing } from '../tokens/key-ring.js';
import type { RingKey } from '../tokens/ring-key.js';

/** Seconds for which a device is known: 180 days. */
export const DEVICE_TOKEN_LIFE = 180 * 24 * 60 * 60;

/** Characters; ours have some 300. */
const LONGEST = 1024;
const PURPOSE = 'keyturn device token 1';

/** Whom a device belongs to. A generation that was raised (password change, reset, logout-all) makes it unknown. */
export interface DeviceOwner {
  readonly sub: string;
  readonly generation: number;
}

/**
 * Tokens by which a device that logged in before is known. One proves nothing but that: it opens no session, and saves
 * its holder from waiting for others who guess. It names its subject and a random id, under a MAC by a key that is
 * derived from the ring's for this purpose alone, so it can never pass for another token, nor another for it.
 */
export class DeviceTokens {
  private readonly derived = new WeakMap<RingKey, Buffer>();

  constructor(
    private readonly keys: KeyRing,
    private readonly clock: AuthClock,
  ) {}

  /**
   * A token for a device on which the owner has just logged in.
   * @param id of the device, where it is known by an earlier token
   */
  issue({ sub, generation }: DeviceOwner, id: string = randomBytes(16).toString('base64url')): string {
    const key = this.keys.active(this.purpose, this.clock.now());
    const exp = Math.floor(this.clock.now() / 1000) + DEVICE_TOKEN_LIFE;
    const content = encodeJson({ kid: key.kid, sub, id, gen: generation, exp });
    return `${content}.${this.macOf(content, key)}`;
  }

  /** The id of the device, if the token is one of ours, in time, and for this owner; undefined for anything else. */
  read(token: string | undefined, { sub, generation }: DeviceOwner): string | undefined {
    if (token === undefined || token.length > LONGEST) return undefined;
    const [content = '', mac = '', ...more] = token.split('.');
    const claims = decodeJson(content);
    if (!claims || typeof claims.kid !== 'string' || more.length > 0) return undefined;
    const now = this.clock.now();
    const key = this.keys.find(this.purpose, claims.kid, now);
    if (!key || !isSameText(mac, this.macOf(content, key))) return undefined;
    const isTheirs = claims.sub === sub && claims.gen === generation && Number(claims.exp) * 1000 > now;
    return isTheirs ? (claims.id as string) : undefined;
  }

  /** Where there are keys for refresh tokens, which no one else holds, they count. */
  private get purpose() {
    return this.keys.purposes.includes('refresh') ? 'refresh' : 'access';
  }

  private macOf(content: string, key: RingKey): string {
    return createHmac('sha256', this.derivedFrom(key)).update(content).digest('base64url');
  }

  /** RFC 5869. */
  private derivedFrom(key: RingKey): Buffer {
    const known = this.derived.get(key);
    if (known) return known;
    const { signingKey } = key;
    const secret =
      signingKey.type === 'secret' ? signingKey.export() : signingKey.export({ type: 'pkcs8', format: 'der' });
    const made = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32));
    this.derived.set(key, made);
    return made;
  }
}

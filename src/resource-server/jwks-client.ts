import { Logger } from '@nestjs/common';
import { DAY, MINUTE, SECOND } from '../options/durations.js';
import { AuthError } from '../auth.errors.js';
import { askIssuer } from './issuer-request.js';
import { parsePublicJwks, type PublicKeys } from '../tokens/public-keys.js';
import type { VerificationKey, VerificationKeys } from '../tokens/verification-keys.js';

/** How long the service's own answers may be cached, too. */
const REFRESH = 5 * MINUTE;
/** Between two requests, however many tokens ask for however many keys: an issuer publishes a key before it signs by it. */
export const COOL_DOWN = 5 * SECOND;
const TIMEOUT = 3 * SECOND;
/** For so long the last good set counts through an outage. */
const LAST_GOOD = DAY;

/** Of garbage, which can name any number. Names that are forgotten are looked for again. */
const MAX_MISSING = 1_000;

/** What a public key verifies. For anything else no key is asked for. */
const PUBLISHED = ['ES256', 'RS256', 'PS256'];

/** What is done when keys that verified tokens do so no more. */
export type KeysRetired = () => void;

/**
 * The keys that an auth service publishes: fetched at start and now and then, and when a token names one that is not
 * known, but never more often than once per cool-down, so that tokens of garbage make no flood of requests. All who
 * wait share one request.
 */
export class JwksClient implements VerificationKeys {
  private readonly logger = new Logger('Keyturn');
  private readonly closing = new AbortController();
  /** Keys that a token has named, and that a look after it did not find. They are looked for again as all are. */
  private readonly missing = new Set<string>();
  private known?: { readonly keys: PublicKeys; readonly at: number };
  private fetching?: Promise<void>;
  private askedAt = -Infinity;
  /** Why requests gave no keys since the last that did; each was logged once. */
  private readonly faults = new Set<string>();
  private refused = '';
  private timer?: NodeJS.Timeout;

  /** @param clock milliseconds of a clock that never goes back */
  constructor(
    private readonly url: URL,
    private readonly retired: KeysRetired = () => undefined,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Fetches the keys for the first time. Never throws: a service that is away at start comes later. */
  async start(): Promise<void> {
    await this.refresh();
  }

  close(): void {
    clearTimeout(this.timer);
    this.closing.abort();
  }

  verifying(purpose: 'access', kid: string, alg: string): VerificationKey | undefined {
    return this.known?.keys.verifying(purpose, kid, alg);
  }

  /**
   * Resolves when it is settled whether there is a key of this name; undefined where that is known.
   * @throws AuthError `token_expired` before it was looked for, so that the bearer of a token by a new key refreshes, and
   * does not log in; `temporarily_unavailable` while the keys cannot be fetched
   */
  settle(kid: string, alg: string): Promise<void> | undefined {
    return this.known?.keys.has(kid) || !PUBLISHED.includes(alg) ? undefined : this.ask(kid);
  }

  private async ask(kid: string): Promise<void> {
    // An answer that is under way may have been written before the key was published.
    const looksNow = !this.fetching && this.sinceAsked() >= COOL_DOWN;
    if (looksNow || this.fetching) await this.refresh();
    if (this.known?.keys.has(kid)) return;
    if (this.faults.size > 0) {
      throw new AuthError('temporarily_unavailable', 'The token cannot be checked right now. Keep it and try again.', {
        retryAfter: Math.max(0, COOL_DOWN - this.sinceAsked()) / SECOND,
      });
    }
    if (looksNow) this.noteMissing(kid);
    else if (!this.missing.has(kid)) throw new AuthError('token_expired', "The token's key is not known here yet.");
  }

  private noteMissing(kid: string): void {
    if (this.missing.size >= MAX_MISSING) this.missing.clear();
    this.missing.add(kid);
  }

  /** Asks for the keys now, or waits for an answer that is under way. */
  refresh(): Promise<void> {
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined;
      this.scheduleNext();
    });
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    this.askedAt = this.clock();
    try {
      const request = { headers: { accept: 'application/json' }, timeout: TIMEOUT, closing: this.closing.signal };
      const { status, body } = await askIssuer(this.url, request);
      if (status !== 200) throw new Error(`it answered ${status}`);
      this.accept(body);
    } catch (error) {
      if (!this.closing.signal.aborted) this.endure(error);
    }
  }

  private accept(jwks: unknown): void {
    const { keys, refused } = parsePublicJwks(jwks);
    const before = this.known?.keys;
    this.known = { keys, at: this.askedAt };
    if (before?.hasLostKeyIn(keys)) this.retired();
    if (this.faults.size > 0) this.logger.log(`The keys of ${this.url.href} are there.`);
    this.faults.clear();
    this.tellRefused(refused.join('; '));
  }

  private endure(error: unknown): void {
    // fetch() itself says "fetch failed" and no more, also of a redirect.
    const { message, cause } = error as Error & { cause?: { code?: unknown; message?: string } };
    const reason = typeof cause?.code === 'string' ? cause.code : (cause?.message ?? message);
    if (!this.faults.has(reason)) {
      const meanwhile = this.known ? 'those fetched last go on for a day' : 'tokens are answered 503 until they are';
      this.logger.warn(`The keys of ${this.url.href} cannot be fetched (${reason}); ${meanwhile}.`);
    }
    this.faults.add(reason);
    if (this.known && this.clock() - this.known.at >= LAST_GOOD) {
      this.known = undefined;
      this.logger.error(`The keys of ${this.url.href} are a day old and not trusted any more.`);
      this.retired();
    }
  }

  private tellRefused(refused: string): void {
    if (refused && refused !== this.refused) this.logger.warn(`Not used of ${this.url.href}: ${refused}`);
    this.refused = refused;
  }

  private scheduleNext(): void {
    if (this.closing.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), this.faults.size > 0 ? COOL_DOWN : REFRESH).unref();
  }

  private sinceAsked(): number {
    return this.clock() - this.askedAt;
  }
}

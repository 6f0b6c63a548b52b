import { AuthConfigError } from '../auth.errors.js';
import { SECOND } from '../options/durations.js';

const MAX_BYTES = 64 * 1024;

/**
 * A URL of the auth service, as an option names it. Keys that come over a line which others can write to are anybody's
 * keys, so it must be `https:`, or `http:` on this machine.
 * @throws AuthConfigError
 */
export function issuerUrl(option: string, given: unknown): URL {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || url.username || url.password || url.hash || !(url.protocol === 'https:' || isLocalHttp(url))) {
    throw AuthConfigError.of(
      option,
      `must be a URL of the auth service by https:, or by http: on this machine (localhost, 127.0.0.1, [::1]), without credentials`,
    );
  }
  return url;
}

/** `URL` has brought every spelling of an IPv4 address to this one. */
const isLocalHttp = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname));

export interface IssuerAnswer {
  readonly status: number;
  /** Undefined where the body is no JSON. */
  readonly body: unknown;
}

export interface IssuerRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for the whole answer, its body included. */
  readonly timeout: number;
  /** Ends the request early, such as when the application is closed. */
  readonly closing: AbortSignal;
}

/**
 * Asks the auth service. Follows no redirect, since it would take a token, or the trust in keys, to another place;
 * reads at most 64 KiB.
 *
 * The timer is our own and ends the call by itself: on Node 20 and 22 `AbortSignal.timeout()` can be collected as garbage
 * before it fires, and an aborted fetch may go on reading a body that has stalled.
 * @throws Error when there is no answer in time, it is too large, it redirects, or the application is closed
 */
export function askIssuer(url: URL, { timeout, closing, ...init }: IssuerRequest): Promise<IssuerAnswer> {
  const exchange = new Exchange();
  return new Promise<IssuerAnswer>((resolve, reject) => {
    const end = (reason: Error): void => {
      reject(reason);
      exchange.cancel(reason);
    };
    const close = (): void => end(new Error('the application is closed'));
    const timer = setTimeout(() => end(new Error(`no whole answer came within ${timeout / SECOND} s`)), timeout);
    closing.addEventListener('abort', close, { once: true });
    if (closing.aborted) close();
    void exchange
      .run(url, init)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        closing.removeEventListener('abort', close);
      });
  });
}

/** One request and the reading of its answer, which can be cancelled at any moment. */
class Exchange {
  private readonly aborting = new AbortController();
  private reader?: ReadableStreamDefaultReader<Uint8Array>;

  async run(url: URL, init: RequestInit): Promise<IssuerAnswer> {
    const { status, body } = await fetch(url, { ...init, redirect: 'error', signal: this.aborting.signal });
    this.reader = body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    const chunks: Uint8Array[] = [];
    for (let size = 0, next = await this.reader?.read(); next && !next.done; next = await this.reader!.read()) {
      size += next.value.length;
      if (size > MAX_BYTES) {
        const tooLarge = new Error('the answer is larger than 64 KiB');
        this.cancel(tooLarge);
        throw tooLarge;
      }
      chunks.push(next.value);
    }
    return { status, body: parseJson(Buffer.concat(chunks).toString('utf8')) };
  }

  /** Ends the connection too. */
  cancel(reason: Error): void {
    this.aborting.abort(reason);
    this.reader?.cancel(reason).catch(() => undefined);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

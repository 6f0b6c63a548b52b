import { AuthConfigError } from '../auth.errors.js';

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

/**
 * Asks the auth service. Follows no redirect, since it would take a token, or the trust in keys, to another place;
 * reads at most 64 KiB.
 * @throws Error when there is no answer, it is too large, it redirects, or the signal ends it
 */
export async function askIssuer(
  url: URL,
  init: { method?: string; headers?: Record<string, string>; signal: AbortSignal },
): Promise<IssuerAnswer> {
  const response = await fetch(url, { ...init, redirect: 'error' });
  const text = await readBounded(response);
  return { status: response.status, body: parseJson(text) };
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the stream, and with it the connection.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('the answer is larger than 64 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

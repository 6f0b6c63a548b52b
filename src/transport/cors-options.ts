import { usesCookies, type AuthPolicy } from '../options/options.js';
import { RENEWED_TOKEN_HEADER } from './token-responder.js';

/** The part of Nest's `CorsOptions` that is given here. */
export interface AllowedOriginsCors {
  /** The origins of the option `allowedOrigins`. */
  readonly origin: string[];
  /** Whether cookies are sent along. */
  readonly credentials: boolean;
  /** The methods that pages of those origins may call. */
  readonly methods: string[];
  /** The headers that they may send. */
  readonly allowedHeaders: string[];
  /** The headers that they may read, `Renewed-Access-Token` among them. */
  readonly exposedHeaders: string[];
  /** Seconds for which a browser keeps this. */
  readonly maxAge: number;
}

/**
 * CORS for the pages of `allowedOrigins`, and for no other: what they may send, and which headers they may read.
 *
 * @example
 * ```ts
 * app.enableCors(corsOptions(app.get(AUTH_POLICY)));
 * ```
 */
export const corsOptions = (policy: Pick<AuthPolicy, 'allowedOrigins' | 'clients'>): AllowedOriginsCors => ({
  origin: [...policy.allowedOrigins],
  credentials: usesCookies(policy),
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Request-Id'],
  exposedHeaders: [RENEWED_TOKEN_HEADER, `${RENEWED_TOKEN_HEADER}-Expires-In`, 'Retry-After', 'WWW-Authenticate'],
  maxAge: 600,
});

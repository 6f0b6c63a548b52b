import { usesCookies, type AuthPolicy } from '../options/options.js';
import { RENEWED_TOKEN_HEADER } from './token-responder.js';

/** The part of Nest's `CorsOptions` that is given here. */
export interface AllowedOriginsCors {
  readonly origin: string[];
  readonly credentials: boolean;
  readonly methods: string[];
  readonly allowedHeaders: string[];
  readonly exposedHeaders: string[];
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

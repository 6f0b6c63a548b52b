import type { ModeTraits } from '../../index.js';
import { operation, type Operations } from './openapi.operation.js';

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Kept beside the token until the answer is stored: with it, a lost answer can be fetched hours later.',
  schema: { type: 'string', maxLength: 255 },
} as const;

const tag = 'session';

/** The library's session routes, as far as the strategy has them. */
export const sessionPaths = (base: string, { keepsSessions, renews }: ModeTraits): Operations => ({
  ...(keepsSessions && storedSessionPaths(base)),
  ...(renews && renewPath(base)),
  ...logoutPaths(base),
});

const storedSessionPaths = (base: string): Operations => ({
  [`${base}/refresh`]: {
    post: operation({
      id: 'refresh',
      summary: 'Exchange a refresh token for its successor and a new access token',
      tag,
      body: 'RefreshToken',
      parameters: [idempotencyKey],
      answer: [200, 'TokenAnswer'],
      errors: [400, 401, 403, 503],
    }),
  },
  [`${base}/sessions`]: {
    get: operation({
      id: 'sessions',
      summary: 'The sessions of the caller',
      tag,
      answer: [200, 'Sessions'],
      errors: [400, 401, 403, 503],
      bearer: true,
    }),
    delete: operation({
      id: 'endOtherSessions',
      summary: 'End all sessions of the caller but this one',
      tag,
      answer: [204, null],
      errors: [400, 401, 403, 503],
      bearer: true,
    }),
  },
  [`${base}/sessions/{id}`]: {
    delete: operation({
      id: 'endSession',
      summary: "End one of the caller's sessions",
      tag,
      path: ['id'],
      answer: [204, null],
      errors: [400, 401, 403, 404, 503],
      bearer: true,
    }),
  },
});

const renewPath = (base: string): Operations => ({
  [`${base}/renew`]: {
    post: operation({
      id: 'renew',
      summary: 'Renew the access token without a refresh',
      tag,
      answer: [200, 'TokenAnswer'],
      errors: [400, 401, 403, 409, 503],
      bearer: true,
    }),
  },
});

const logoutPaths = (base: string): Operations => ({
  [`${base}/logout`]: {
    post: operation({
      id: 'logout',
      summary: 'End the session of a refresh token or of the bearer',
      tag,
      body: 'RefreshToken',
      bodyOptional: true,
      answer: [204, null],
      errors: [400, 403, 503],
    }),
  },
  [`${base}/logout-all`]: {
    post: operation({
      id: 'logoutAll',
      summary: 'End every session of the caller, and all its tokens',
      tag,
      answer: [204, null],
      errors: [400, 401, 403, 503],
      bearer: true,
    }),
  },
});

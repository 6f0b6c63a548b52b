import type { INestApplication } from '@nestjs/common';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { schemas } from './openapi.schemas.js';
import type { ServiceConfig } from './service.config.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Operations = OpenAPIObject['paths'];

/** Path of the OpenAPI page. */
export const API_PAGE = 'docs';

const json = (schema: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } });

/** Which status an error code comes with, for the table of answers below. */
const ERRORS: Readonly<Record<number, string>> = {
  400: '`invalid_request`: a field is missing, unknown or of the wrong type; `details` names it.',
  401: 'No credentials, or bad ones; `code` and `WWW-Authenticate` say which.',
  403: '`forbidden`.',
  409: 'The state does not allow it; `code` says why, and `Retry-After` when to try again.',
  503: '`store_unavailable` or `temporarily_unavailable`: keep the tokens and try again after `Retry-After` seconds.',
};

interface Call {
  readonly id: string;
  readonly summary: string;
  readonly tag: 'session' | 'account' | 'operation';
  readonly body?: string;
  readonly answer: readonly [status: number, schema: string | null];
  readonly errors: readonly number[];
  readonly bearer?: true;
}

function operation({ id, summary, tag, body, answer: [status, schema], errors, bearer }: Call): Operation {
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(bearer && { security: [{ bearer: [] }] }),
    ...(body && { requestBody: { required: id !== 'logout', content: json(body) } }),
    responses: {
      [status]: { description: 'Done.', ...(schema && { content: json(schema) }) },
      ...Object.fromEntries(errors.map((error) => [error, { description: ERRORS[error]!, content: json('Error') }])),
    },
  };
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Kept beside the token until the answer is stored: with it, a lost answer can be fetched hours later.',
  schema: { type: 'string', maxLength: 255 },
} as const;

function sessionPaths(base: string): Operations {
  const refresh: Call = {
    id: 'refresh',
    summary: 'Exchange a refresh token for its successor and a new access token',
    tag: 'session',
    body: 'RefreshToken',
    answer: [200, 'TokenAnswer'],
    errors: [400, 401, 503],
  };
  return {
    [`${base}/refresh`]: { post: { ...operation(refresh), parameters: [idempotencyKey] } },
    [`${base}/renew`]: {
      post: operation({
        id: 'renew',
        summary: 'Renew the access token without a refresh',
        tag: 'session',
        answer: [200, 'TokenAnswer'],
        errors: [401, 409],
        bearer: true,
      }),
    },
    [`${base}/logout`]: {
      post: operation({
        id: 'logout',
        summary: 'End the session of a refresh token or of the bearer',
        tag: 'session',
        body: 'RefreshToken',
        answer: [204, null],
        errors: [400, 503],
      }),
    },
    [`${base}/sessions`]: {
      get: operation({
        id: 'sessions',
        summary: 'The sessions of the caller',
        tag: 'session',
        answer: [200, 'Sessions'],
        errors: [401, 503],
        bearer: true,
      }),
    },
  };
}

function accountPaths(base: string): Operations {
  return {
    [`${base}/register`]: {
      post: operation({
        id: 'register',
        summary: 'Make an account, where registration is open',
        tag: 'account',
        body: 'Credentials',
        answer: [201, 'User'],
        errors: [400, 403, 409, 503],
      }),
    },
    [`${base}/login`]: {
      post: operation({
        id: 'login',
        summary: 'Open a session',
        tag: 'account',
        body: 'Login',
        answer: [200, 'TokenAnswer'],
        errors: [400, 401, 409, 503],
      }),
    },
    [`${base}/me`]: {
      get: operation({
        id: 'me',
        summary: 'Who is calling',
        tag: 'account',
        answer: [200, 'Me'],
        errors: [401],
        bearer: true,
      }),
    },
  };
}

const operationPaths: Operations = {
  '/.well-known/jwks.json': {
    get: operation({
      id: 'jwks',
      summary: 'Public keys of the access tokens',
      tag: 'operation',
      answer: [200, 'Jwks'],
      errors: [],
    }),
  },
  '/health/live': {
    get: operation({ id: 'live', summary: 'The process answers', tag: 'operation', answer: [200, 'Live'], errors: [] }),
  },
  '/health/ready': {
    get: operation({
      id: 'ready',
      summary: 'Send it requests',
      tag: 'operation',
      answer: [200, 'Ready'],
      errors: [503],
    }),
  },
};
// Not ready is told in the shape of ready.
operationPaths['/health/ready']!.get!.responses[503] = { description: 'Starting or draining.', content: json('Ready') };

/** The OpenAPI document of what exists under these settings. */
export function apiDocument({ routesPath, auth }: Pick<ServiceConfig, 'routesPath' | 'auth'>): OpenAPIObject {
  const base = `/${routesPath}`;
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keyturn',
      version: '1',
      description: 'Token sessions: short access tokens, refresh tokens that turn like a key, sessions that slide.',
    },
    servers: [{ url: auth.issuer }],
    paths: { ...accountPaths(base), ...sessionPaths(base), ...operationPaths },
    components: { schemas, securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  };
}

/** Serves the document as a page, and as JSON beside it. */
export function addApiPage(app: INestApplication, config: ServiceConfig): void {
  SwaggerModule.setup(API_PAGE, app, apiDocument(config), { jsonDocumentUrl: `${API_PAGE}.json`, ui: true });
}

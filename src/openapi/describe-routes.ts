import type { Type } from '@nestjs/common';
import type { AuthErrorCode } from '../auth.errors.js';
import { IntrospectionController } from '../oauth/introspection.controller.js';
import { RevocationController } from '../oauth/revocation.controller.js';
import { TokenController } from '../oauth/token.controller.js';
import { CheckController } from '../routes/check.controller.js';
import { JwksController } from '../routes/jwks.controller.js';
import { LogoutController } from '../routes/logout.controller.js';
import { RefreshController } from '../routes/refresh.controller.js';
import { RenewController } from '../routes/renew.controller.js';
import { SessionsController } from '../routes/sessions.controller.js';
import { IDEMPOTENCY_KEY_LENGTH } from '../sessions/attempt.js';
import { EndedSessionsBody, JwksBody, RefreshTokenRequest, SessionsBody, TokenAnswerBody } from './answers.js';
import { ApiErrors, GUARD_ERRORS } from './api-errors.decorator.js';
import {
  ApiBearerAuth,
  ApiBody,
  ApiExcludeController,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from './swagger-metadata.js';

const REFUSED: readonly AuthErrorCode[] = [
  'token_missing',
  'token_invalid',
  'token_reused',
  'session_ended',
  'session_revoked',
  'session_replaced',
];
const STORE: readonly AuthErrorCode[] = ['store_unavailable', 'temporarily_unavailable'];
const STORED: readonly AuthErrorCode[] = [...GUARD_ERRORS, ...STORE];

let described = false;

/** Describes the session routes for every OpenAPI document that is made in this process; a second call does nothing. */
export function describeRoutes(): void {
  // Decorators add to what is there.
  if (described) return;
  described = true;
  describe(
    RefreshController,
    'refresh',
    ApiOperation({
      operationId: 'refresh',
      summary: 'Exchange a refresh token for its successor and a new access token',
    }),
    ApiBody({ type: RefreshTokenRequest }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Kept beside the token until the answer is stored: with it, a lost answer can be fetched hours later.',
      schema: { type: 'string', minLength: IDEMPOTENCY_KEY_LENGTH.min, maxLength: IDEMPOTENCY_KEY_LENGTH.max },
    }),
    ApiOkResponse({ type: TokenAnswerBody, description: 'Done.' }),
    ApiErrors(['invalid_request', ...REFUSED, 'forbidden', ...STORE]),
  );
  describe(
    RenewController,
    'renew',
    ApiOperation({ operationId: 'renew', summary: 'Renew the access token without a refresh' }),
    ApiBearerAuth(),
    ApiOkResponse({ type: TokenAnswerBody, description: 'Done.' }),
    ApiErrors([...STORED, 'renewal_not_due', 'renewal_exhausted']),
  );
  describe(
    LogoutController,
    'logout',
    ApiOperation({ operationId: 'logout', summary: 'End the session of a refresh token or of the bearer' }),
    ApiBody({ type: RefreshTokenRequest, required: false }),
    ApiNoContentResponse({ description: 'Done.' }),
    ApiErrors(['invalid_request', 'forbidden', ...STORE]),
  );
  describe(
    LogoutController,
    'logoutAll',
    ApiOperation({ operationId: 'logoutAll', summary: 'End every session of the caller, and all its tokens' }),
    ApiBearerAuth(),
    ApiNoContentResponse({ description: 'Done.' }),
    ApiErrors(STORED),
  );
  describe(
    SessionsController,
    'list',
    ApiOperation({ operationId: 'sessions', summary: 'The sessions of the caller' }),
    ApiBearerAuth(),
    ApiOkResponse({ type: SessionsBody, description: 'Done.' }),
    ApiErrors(STORED),
  );
  describe(
    SessionsController,
    'ended',
    ApiOperation({
      operationId: 'endedSessions',
      summary: 'The latest sessions of the caller that have ended, and why; as long as that is remembered',
    }),
    ApiBearerAuth(),
    ApiOkResponse({ type: EndedSessionsBody, description: 'Done.' }),
    ApiErrors(STORED),
  );
  describe(
    SessionsController,
    'end',
    ApiOperation({ operationId: 'endSession', summary: "End one of the caller's sessions" }),
    ApiBearerAuth(),
    ApiParam({ name: 'id', type: 'string', description: 'The session.' }),
    ApiNoContentResponse({ description: 'Done.' }),
    ApiErrors([...STORED, 'not_found']),
  );
  describe(
    SessionsController,
    'endOthers',
    ApiOperation({ operationId: 'endOtherSessions', summary: 'End all sessions of the caller but this one' }),
    ApiBearerAuth(),
    ApiNoContentResponse({ description: 'Done.' }),
    ApiErrors(STORED),
  );
  describe(
    JwksController,
    'jwks',
    ApiOperation({ operationId: 'jwks', summary: 'Public keys of the access tokens' }),
    ApiOkResponse({ type: JwksBody, description: 'Done.' }),
  );
  describe(
    CheckController,
    'check',
    ApiOperation({ operationId: 'check', summary: 'Whether a request may pass, for a proxy that asks before it' }),
    ApiBearerAuth(),
    ApiNoContentResponse({ description: 'It may; `X-Auth-*` tell who asks.' }),
    ApiErrors(STORED),
  );
  // OAuth's own doors have a description of their own, which its clients read: the metadata of RFC 8414.
  for (const door of [TokenController, RevocationController, IntrospectionController]) ApiExcludeController()(door);
  for (const controller of [
    RefreshController,
    RenewController,
    LogoutController,
    SessionsController,
    CheckController,
  ]) {
    ApiTags('session')(controller);
  }
  ApiTags('operation')(JwksController);
}

function describe(controller: Type, method: string, ...decorators: readonly MethodDecorator[]): void {
  const prototype = controller.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method)!;
  for (const decorate of decorators) decorate(prototype, method, descriptor);
}

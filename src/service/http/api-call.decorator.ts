import { applyDecorators, HttpCode, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse } from '../../openapi/swagger-metadata.js';
import type { AuthErrorCode } from '../../index.js';
import { ApiErrors, GUARD_ERRORS } from '../../openapi/index.js';
import { ACCOUNT_ERRORS } from '../accounts/account.errors.js';

interface Call {
  /** Of the operation in the document; unique. */
  readonly id: string;
  readonly summary: string;
  /** Default 200, or 204 for a call without an answer. */
  readonly status?: number;
  readonly answer?: Type;
  readonly errors?: readonly AuthErrorCode[];
  /** Whether it needs an access token, and so answers the guard's errors too. */
  readonly bearer?: true;
}

export const STORE: readonly AuthErrorCode[] = ['store_unavailable', 'temporarily_unavailable'];

/** What a route answers, for Nest and for the OpenAPI document. */
export function ApiCall({ id, summary, answer, status = answer ? 200 : 204, errors = [], bearer }: Call) {
  const codes = [...(bearer ? GUARD_ERRORS : []), ...errors];
  return applyDecorators(
    HttpCode(status),
    ApiOperation({ operationId: id, summary }),
    ApiResponse({ status, type: answer, description: 'Done.' }),
    ...(bearer ? [ApiBearerAuth()] : []),
    ApiErrors(codes, ACCOUNT_ERRORS),
  );
}

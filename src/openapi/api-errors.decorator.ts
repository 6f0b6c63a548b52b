import { applyDecorators } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { AUTH_ERRORS, type AuthErrorCode, type ErrorTable } from '../auth.errors.js';
import { ErrorAnswer } from './answers.js';
import { ApiExtraModels, ApiResponse, schemaPath } from './swagger-metadata.js';

/** What every route that asks the guard may answer. */
export const GUARD_ERRORS: readonly AuthErrorCode[] = [
  'invalid_request',
  'token_missing',
  'token_invalid',
  'token_expired',
  'token_not_yet_valid',
  'session_ended',
  'session_revoked',
  'session_replaced',
  'token_reused',
  'forbidden',
  'temporarily_unavailable',
];

/**
 * The error answers of a route, from the table of codes: for each status what its codes mean and what a client does.
 *
 * @param codes of the route
 * @param ofHost the meanings of codes of the host's own
 * @example
 * ```ts
 * @ApiErrors(['invalid_request', 'invalid_credentials'])
 * @Post('login')
 * ```
 */
export function ApiErrors(codes: readonly AuthErrorCode[], ofHost: ErrorTable = {}): MethodDecorator {
  const table: ErrorTable = { ...AUTH_ERRORS, ...ofHost };
  const rows = [...new Set(codes)].map((code) => ({ code, ...table[code]! }));
  return applyDecorators(
    ApiExtraModels(ErrorAnswer),
    ...[...new Set(rows.map(({ status }) => status))].map((status) => {
      const answers = rows.filter((row) => row.status === status);
      return ApiResponse({
        status,
        description: answers.map(({ code, meaning, client }) => `\`${code}\`: ${meaning} ${client}`).join('\n\n'),
        content: {
          'application/json': {
            schema: { $ref: schemaPath('Error') },
            examples: Object.fromEntries(
              answers.map(({ code, meaning }) => [
                code,
                { value: { statusCode: status, error: STATUS_CODES[status], code, message: meaning } },
              ]),
            ),
          },
        },
      });
    }),
  );
}

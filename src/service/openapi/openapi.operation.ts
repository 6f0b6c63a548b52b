import type { OpenAPIObject } from '@nestjs/swagger';

export type Operations = OpenAPIObject['paths'];
export type Operation = NonNullable<Operations[string]['get']>;

/** Which status an error code comes with, for the table of answers below. */
const ERRORS: Readonly<Record<number, string>> = {
  400: '`invalid_request`: a field is missing, unknown or of the wrong type; `details` names it. `ticket_invalid`.',
  401: 'No credentials, or bad ones; `code` and `WWW-Authenticate` say which.',
  403: '`forbidden`.',
  404: '`not_found`.',
  409: 'The state does not allow it; `code` says why, and `Retry-After` when to try again.',
  503: '`store_unavailable` or `temporarily_unavailable`: keep the tokens and try again after `Retry-After` seconds.',
};

/** A call of the HTTP contract. */
export interface Call {
  readonly id: string;
  readonly summary: string;
  readonly tag: 'session' | 'account' | 'admin' | 'operation';
  readonly body?: string;
  /** Every field of the body can be left out, and so can the body. */
  readonly bodyOptional?: true;
  /** Parameters in the path; strings all. */
  readonly path?: readonly string[];
  readonly parameters?: NonNullable<Operation['parameters']>;
  readonly answer: readonly [status: number, schema: string | null];
  readonly errors: readonly number[];
  readonly bearer?: true;
}

export const json = (schema: string) => ({
  'application/json': { schema: { $ref: `#/components/schemas/${schema}` } },
});

const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } }) as const;

export function operation(call: Call): Operation {
  const parameters = [...(call.path ?? []).map(inPath), ...(call.parameters ?? [])];
  const [status, schema] = call.answer;
  return {
    operationId: call.id,
    summary: call.summary,
    tags: [call.tag],
    ...(call.bearer && { security: [{ bearer: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(call.body && { requestBody: { required: !call.bodyOptional, content: json(call.body) } }),
    responses: {
      [status]: { description: 'Done.', ...(schema && { content: json(schema) }) },
      ...Object.fromEntries(
        call.errors.map((error) => [error, { description: ERRORS[error]!, content: json('Error') }]),
      ),
    },
  };
}

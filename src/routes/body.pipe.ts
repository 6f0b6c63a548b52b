import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';

/** Checks bodies by class-validator: unknown fields are refused, and each fault is told in a sentence of its own. */
export class BodyPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: (errors) => invalidBody(errors.flatMap(sentences)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return metadata.type === 'body' ? (super.transform(fieldsOf(value), metadata) as Promise<unknown>) : value;
  }
}

/**
 * The fields of a body; no body at all is one without fields.
 * @throws AuthError `invalid_request` for anything else that is no JSON object
 */
export function fieldsOf(body: unknown): object {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AuthError('invalid_request', 'The body must be a JSON object.');
  }
  return body;
}

/** @param details a sentence for each fault */
export const invalidBody = (details: readonly string[]): AuthError =>
  new AuthError('invalid_request', `The request is not valid: ${details.join('; ')}.`, { details });

const sentences = ({ constraints, children }: ValidationError): string[] => [
  ...Object.values(constraints ?? {}),
  ...(children ?? []).flatMap(sentences),
];

import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';

/** Checks bodies by class-validator: unknown fields are refused, and each fault is told in a sentence of its own. */
export class BodyPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: (errors) => {
        const details = errors.flatMap(sentences);
        return new AuthError('invalid_request', `The request is not valid: ${details.join('; ')}.`, { details });
      },
    });
  }

  /** No body at all is a body without fields; anything else that is no object is refused. */
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body') return value;
    const body = value ?? {};
    if (typeof body !== 'object' || Array.isArray(body)) {
      throw new AuthError('invalid_request', 'The body must be a JSON object.');
    }
    return super.transform(body, metadata) as Promise<unknown>;
  }
}

const sentences = ({ constraints, children }: ValidationError): string[] => [
  ...Object.values(constraints ?? {}),
  ...(children ?? []).flatMap(sentences),
];

import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { instanceToPlain, plainToInstance } from 'class-transformer';
import { getMetadataStorage, validate } from 'class-validator';
import { AuthError } from '../../index.js';

/** What Nest calls of the package; its type leaves the second one out. */
const VALIDATOR = { validate, getMetadataStorage };

/** Checks bodies and queries by class-validator: unknown fields are refused, and each fault is told in a sentence of its own. */
export class BodyPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      // Nest would load both packages as a whole, with the telephone numbers of the world.
      validatorPackage: VALIDATOR,
      transformerPackage: { plainToInstance, classToPlain: instanceToPlain },
      exceptionFactory: (errors) => invalidBody(errors.flatMap(sentences)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const hasFields = metadata.type === 'body' || metadata.type === 'query';
    return hasFields ? (super.transform(fieldsOf(value), metadata) as Promise<unknown>) : value;
  }
}

/** The fields of a body; no body at all is one without fields. */
function fieldsOf(body: unknown): object {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new AuthError('invalid_request', 'The body must be a JSON object.');
  }
  // class-validator looks fields up in a plain object, where the members of every object pass for known ones.
  const inherited = Object.keys(body).filter((name) => name in Object.prototype);
  if (inherited.length > 0) throw invalidBody(inherited.map((name) => `property ${name} should not exist`));
  return body;
}

const invalidBody = (details: readonly string[]): AuthError =>
  new AuthError('invalid_request', `The request is not valid: ${details.join('; ')}.`, { details });

const sentences = ({ constraints, children }: ValidationError): string[] => [
  ...Object.values(constraints ?? {}),
  ...(children ?? []).flatMap(sentences),
];

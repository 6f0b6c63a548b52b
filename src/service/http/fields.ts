import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsString,
  Matches,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { ApiProperty } from '../../openapi/swagger-metadata.js';
import { PASSWORD_MAX_LENGTH } from '../accounts/password-policy.js';
import { MAX_ROLES, ROLE_NAME } from '../accounts/user.js';

/*
 * What bodies are made of. Each field says at once what is checked and what the OpenAPI document tells of it, so that
 * no limit is written twice.
 */

const MAX_EMAIL = 254;
/** How many of a list one answer has at most. */
export const MAX_PAGE = 100;
/** A password no policy would take is not even looked at: hashing megabytes is a way to stop a service. */
const MAX_PASSWORD_UNITS = 1024;

interface TextOptions {
  readonly max: number;
  readonly about: string;
  readonly example?: string;
}

const property = ApiProperty;

export const Text = ({ max, about, example }: TextOptions): PropertyDecorator =>
  applyDecorators(
    IsString(),
    MaxLength(max),
    property({ type: 'string', maxLength: max, description: about, example }),
  );

/** An address as it is typed at a login: compared, and not judged. */
export const TypedEmail = (): PropertyDecorator =>
  Text({ max: MAX_EMAIL, about: 'The e-mail address of the account.', example: 'ada@shop.example' });

/** An address that mails go to. Keyboards of phones leave a blank behind it, which a login overlooks as well. */
export const NewEmail = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    IsEmail({}, { message: '$property must be an e-mail address' }),
    MaxLength(MAX_EMAIL),
    property({ type: 'string', format: 'email', maxLength: MAX_EMAIL, example: 'ada@shop.example' }),
  );

export const Password = (about: string, example = 'correct horse battery'): PropertyDecorator =>
  applyDecorators(
    IsString(),
    MaxLength(MAX_PASSWORD_UNITS),
    property({ type: 'string', format: 'password', maxLength: MAX_PASSWORD_UNITS, description: about, example }),
  );

/** Its length in characters is judged with the rest of the policy, whose sentences are for people. */
export const NewPassword = (example?: string): PropertyDecorator =>
  Password(`At most ${PASSWORD_MAX_LENGTH} characters of any kind.`, example);

export const Flag = (about: string): PropertyDecorator =>
  applyDecorators(IsBoolean(), property({ type: 'boolean', description: about }));

export const Roles = (): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(MAX_ROLES),
    ArrayUnique(),
    IsString({ each: true }),
    Matches(ROLE_NAME, {
      each: true,
      message: 'each role must be 1 to 32 letters, digits or . _ : -, beginning with a letter or digit',
    }),
    property({
      type: 'array',
      items: { type: 'string', pattern: ROLE_NAME.source },
      maxItems: MAX_ROLES,
      uniqueItems: true,
    }),
  );

/** Of a query, where all is text. */
export const PageSize = (): PropertyDecorator =>
  applyDecorators(
    Matches(/^(?:[1-9]\d?|100)$/, { message: `limit must be a whole number from 1 to ${MAX_PAGE}` }),
    property({
      type: 'integer',
      minimum: 1,
      maximum: MAX_PAGE,
      default: MAX_PAGE,
      description: 'How many at most; another page follows where the answer has `next`.',
    }),
  );

/** Left out is fine, null is not: it would be taken for a value. Stands above the field's other decorator. */
export const IfGiven = (): PropertyDecorator =>
  applyDecorators(
    ValidateIf((_body: object, value: unknown) => value !== undefined),
    property({ required: false }),
  );

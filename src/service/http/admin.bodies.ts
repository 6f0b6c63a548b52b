import { applyDecorators } from '@nestjs/common';
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
import { MAX_PASSWORD_UNITS } from './account.controller.js';
import { MAX_ROLES, ROLE_NAME } from '../accounts/roles.js';

/** Left out is fine, null is not: it would be taken for a value. */
const IfGiven = (): PropertyDecorator => ValidateIf((_body: object, value: unknown) => value !== undefined);

const IsRoles = (): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayMaxSize(MAX_ROLES),
    ArrayUnique(),
    IsString({ each: true }),
    Matches(ROLE_NAME, {
      each: true,
      message: 'each role must be 1 to 32 letters, digits or . _ : -, beginning with a letter or digit',
    }),
  );

export class NewUserBody {
  @IsEmail()
  @MaxLength(254)
  email!: string;

  @IfGiven()
  @IsString()
  @MaxLength(MAX_PASSWORD_UNITS)
  password?: string;

  @IfGiven()
  @IsRoles()
  roles?: string[];
}

export class PatchUserBody {
  @IfGiven()
  @IsBoolean()
  disabled?: boolean;

  @IfGiven()
  @IsRoles()
  roles?: string[];
}

import { ApiProperty, ApiSchema, PartialType } from '../../openapi/swagger-metadata.js';
import { TokenAnswerBody } from '../../openapi/index.js';
import type { User } from '../accounts/user.js';
import type { PartState, PartStates } from '../health/service-parts.js';

/** What the service answers. Times are whole seconds since the epoch. */

export const Text = (description: string): PropertyDecorator => ApiProperty({ type: 'string', description });
export const Seconds = (description: string, required = true): PropertyDecorator =>
  ApiProperty({ type: 'integer', description, required });
export const Next = (): PropertyDecorator =>
  ApiProperty({
    type: 'string',
    required: false,
    description: 'Give it as `after` for the next page; absent on the last one. Its text has no meaning.',
  });
const RoleList = (): PropertyDecorator => ApiProperty({ type: 'string', isArray: true, description: 'Its roles.' });

@ApiSchema({ name: 'UserView' })
export class UserView {
  @Text('The `sub` of its tokens.')
  readonly id!: string;

  @Text('As it was given.')
  readonly email!: string;

  @RoleList()
  readonly roles!: readonly string[];
}

/** What follows happens later, or does not: the answer tells nothing of it. */
@ApiSchema({ name: 'Accepted' })
export class EmptyAnswer {}

@ApiSchema({ name: 'User' })
export class UserAnswer {
  @ApiProperty({ type: UserView })
  readonly user!: UserView;
}

@ApiSchema({ name: 'EmailAddress' })
export class EmailAnswer {
  @Text('The e-mail address.')
  readonly email!: string;

  @ApiProperty({ type: 'boolean', description: 'Whether it was confirmed by a mail, or vouched for by an operator.' })
  readonly email_verified!: boolean;
}

@ApiSchema({ name: 'LoginAnswer' })
export class LoginAnswer extends TokenAnswerBody {
  @ApiProperty({
    type: 'string',
    required: false,
    description: 'By which this device is known at the next login; it opens nothing. Absent where it is in a cookie.',
  })
  readonly device_token?: string;
}

/** The caller; `renew_after` in seconds from now. */
@ApiSchema({ name: 'Me' })
export class MeAnswer {
  @Text('The user.')
  readonly sub!: string;

  @Text('The session.')
  readonly sid!: string;

  @Text('The e-mail address.')
  readonly email!: string;

  @RoleList()
  readonly roles!: readonly string[];

  @Seconds('When the password was last given.')
  readonly auth_time!: number;

  @Seconds('Of this access token.')
  readonly issued_at!: number;

  @Seconds('Of this access token.')
  readonly expires_at!: number;

  @Seconds('Seconds from now; absent where the token cannot be renewed.', false)
  readonly renew_after?: number;

  @Seconds('Renewing never reaches past it; absent where the token cannot be renewed.', false)
  readonly renew_until?: number;

  @Seconds('Seconds from now to the absolute end of the session.', false)
  readonly session_expires_in?: number;
}

/** Where the new password is set and the session store could not do its part: log in with it, now or in a moment. */
@ApiSchema({ name: 'PasswordChanged' })
export class PasswordChangedAnswer extends PartialType(TokenAnswerBody) {
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Where no session was opened: the new password holds.',
  })
  readonly password_changed!: true;

  @ApiProperty({ type: 'boolean', required: false, description: 'Log in with the new password.' })
  readonly login_required!: true;

  /** Whether sessions of before are still to be ended, which happens as soon as the store answers. */
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Sessions of before end as soon as the store answers.',
  })
  readonly sessions_pending!: boolean;
}

@ApiSchema({ name: 'AdminUserView' })
export class AdminUserView extends UserView implements User {
  @ApiProperty({ type: 'boolean', description: 'Whether it is kept from logging in.' })
  readonly disabled!: boolean;
}

@ApiSchema({ name: 'AdminUser' })
export class AdminUserAnswer {
  @ApiProperty({ type: AdminUserView })
  readonly user!: AdminUserView;
}

@ApiSchema({ name: 'AdminUsers' })
export class AdminUsersAnswer {
  @ApiProperty({ type: AdminUserView, isArray: true })
  readonly users!: readonly AdminUserView[];

  @Next()
  readonly next?: string;
}

@ApiSchema({ name: 'ResetTicket' })
export class ResetTicketAnswer {
  @Text('For `POST /auth/password-reset`; shown once.')
  readonly ticket!: string;

  @Seconds('When it is of no use any more.')
  readonly expires_at!: number;
}

@ApiSchema({ name: 'Live' })
export class LiveAnswer {
  @ApiProperty({ type: 'string', enum: ['ok', 'lost'] })
  readonly status!: 'ok' | 'lost';
}

const Part = (required = true): PropertyDecorator => ApiProperty({ type: 'string', enum: ['up', 'down'], required });

@ApiSchema({ name: 'Parts' })
export class PartsView implements PartStates {
  @Part(false)
  readonly store?: PartState;

  @Part()
  readonly users!: PartState;

  @Part()
  readonly feed!: PartState;
}

/** `status` is `starting` or `draining` with a 503, `ok` or `degraded` with a 200. */
@ApiSchema({ name: 'Ready' })
export class ReadyAnswer {
  @ApiProperty({ type: 'string', enum: ['ok', 'degraded', 'starting', 'draining'] })
  readonly status!: 'ok' | 'degraded' | 'starting' | 'draining';

  @ApiProperty({ type: PartsView })
  readonly parts!: PartsView;

  /** The reason and the address, as the log has it. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, description: 'Why a part is down.' })
  readonly faults!: Readonly<Partial<Record<keyof PartsView, string>>>;
}

import { ApiSchema } from '../../openapi/swagger-metadata.js';
import { Flag, IfGiven, NewEmail, NewPassword, Password, Roles, Text, TypedEmail } from './fields.js';

/** The bodies that the service takes. */

@ApiSchema({ name: 'Credentials' })
export class RegisterBody {
  @NewEmail()
  email!: string;

  @NewPassword()
  password!: string;
}

@ApiSchema({ name: 'Login' })
export class LoginBody {
  @TypedEmail()
  email!: string;

  @Password('The password.')
  password!: string;

  @IfGiven()
  @Text({ max: 64, about: 'The kind of client; absent means `default`.', example: 'default' })
  client_id?: string;

  @IfGiven()
  @Text({ max: 64, about: 'Shown in the list of sessions.', example: 'My laptop' })
  device_name?: string;

  @IfGiven()
  @Text({
    max: 1024,
    about: 'What the last login on this device answered; saves it from waiting for others who guess.',
  })
  device_token?: string;

  @IfGiven()
  @Flag('Whether cookies outlive the browser; only for clients with cookies.')
  persistent?: boolean;
}

@ApiSchema({ name: 'Reauthentication' })
export class ReauthenticationBody {
  @Password("The caller's password.")
  password!: string;
}

@ApiSchema({ name: 'PasswordChange' })
export class PasswordBody {
  @Password('The password until now.')
  current_password!: string;

  @NewPassword('another horse battery')
  new_password!: string;
}

@ApiSchema({ name: 'PasswordReset' })
export class PasswordResetBody {
  @Text({ max: 64, about: 'Good for one use.' })
  ticket!: string;

  @NewPassword('another horse battery')
  new_password!: string;
}

@ApiSchema({ name: 'PasswordResetRequest' })
export class PasswordResetRequestBody {
  @NewEmail()
  email!: string;
}

@ApiSchema({ name: 'EmailVerification' })
export class EmailVerificationBody {
  @Text({ max: 64, about: 'From the mail; good for one use.' })
  ticket!: string;
}

@ApiSchema({ name: 'EmailChange' })
export class EmailChangeBody {
  @NewEmail()
  new_email!: string;
}

@ApiSchema({ name: 'NewUser' })
export class NewUserBody {
  @NewEmail()
  email!: string;

  @IfGiven()
  @NewPassword()
  password?: string;

  @IfGiven()
  @Roles()
  roles?: string[];
}

@ApiSchema({ name: 'UserPatch' })
export class PatchUserBody {
  @IfGiven()
  @Flag('Whether the account is kept from logging in.')
  disabled?: boolean;

  @IfGiven()
  @Roles()
  roles?: string[];
}

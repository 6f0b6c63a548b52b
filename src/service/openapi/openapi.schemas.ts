import type { OpenAPIObject } from '@nestjs/swagger';
import type { ModeTraits } from '../../index.js';
import { MAX_ROLES, ROLE_NAME } from '../accounts/roles.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

const text = (description: string, more: object = {}): Schema => ({ type: 'string', description, ...more });
const seconds = (description: string): Schema => ({ type: 'integer', description });
const maybe = (description: string): Schema => ({ type: ['string', 'null'], description });

const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const part: Schema = { type: 'string', enum: ['up', 'down'] };
const list = (items: Schema): Schema => ({ type: 'array', items });
const roles = list(text('A role.'));
const adminUser = object({
  id: text('The `sub` of its tokens.'),
  email: text('As it was given.'),
  roles,
  disabled: { type: 'boolean', description: 'Whether it is kept from logging in.' },
});
const givenRoles: Schema = {
  ...list(text('A role.', { pattern: ROLE_NAME.source })),
  maxItems: MAX_ROLES,
  uniqueItems: true,
};

const tokenAnswer = ({
  renews,
  keepsSessions,
}: Pick<ModeTraits, 'renews' | 'keepsSessions'>): Record<string, Schema> => ({
  access_token: text('JWT (RFC 9068) for the `Authorization: Bearer` header; absent where it is in a cookie.'),
  token_type: { type: 'string', enum: ['Bearer'] },
  expires_in: seconds('Life of the access token, seconds from now.'),
  ...(renews && {
    renew_after: seconds('Seconds from now after which the access token can be renewed; absent where it cannot.'),
  }),
  ...(keepsSessions && {
    refresh_token: text('Good for one refresh; keep it secret; absent where it is in a cookie.'),
    refresh_token_expires_in: seconds('Seconds from now until the session ends if it is not used.'),
  }),
  session_expires_in: seconds('Seconds from now to the absolute end of the session.'),
  session_id: text('The session.'),
});
const OPTIONAL_IN_TOKEN_ANSWER = [
  'access_token',
  'renew_after',
  'refresh_token',
  'refresh_token_expires_in',
  'session_expires_in',
];

/** Tokens of a new session, or that there is none. */
function passwordChanged(tokens: Record<string, Schema>): Schema {
  const marks = {
    password_changed: { type: 'boolean', description: 'Where no session could be opened: the new password holds.' },
    login_required: { type: 'boolean', description: 'Where no session could be opened: log in with the new password.' },
    sessions_pending: { type: 'boolean', description: 'Sessions of before end as soon as the store answers.' },
  } as const;
  return object({ ...tokens, ...marks }, [...Object.keys(tokens), ...Object.keys(marks)]);
}

const everywhere: Schemas = {
  Credentials: object({
    email: text('At most 254 characters.', { format: 'email', maxLength: 254 }),
    password: text('Up to 128 characters of any kind.', { format: 'password' }),
  }),
  Login: object(
    {
      email: text('The e-mail address of the account.', { maxLength: 254 }),
      password: text('The password.', { format: 'password' }),
      client_id: text('The kind of client; absent means `default`.', { maxLength: 64 }),
      device_name: text('Shown in the list of sessions.', { maxLength: 64 }),
    },
    ['client_id', 'device_name'],
  ),
  RefreshToken: object({ refresh_token: text('The refresh token.') }, ['refresh_token']),
  User: object({ user: object({ id: text('The `sub` of its tokens.'), email: text('As it was given.'), roles }) }),
  Reauthentication: object({ password: text("The caller's password.", { format: 'password' }) }),
  PasswordChange: object({
    current_password: text('The password until now.', { format: 'password' }),
    new_password: text('Up to 128 characters of any kind.', { format: 'password' }),
  }),
  PasswordReset: object({
    ticket: text('Good for one use.', { maxLength: 64 }),
    new_password: text('Up to 128 characters of any kind.', { format: 'password' }),
  }),
  NewUser: object(
    {
      email: text('At most 254 characters.', { format: 'email', maxLength: 254 }),
      password: text('Up to 128 characters of any kind; without one, it takes a ticket.', { format: 'password' }),
      roles: givenRoles,
    },
    ['password', 'roles'],
  ),
  UserPatch: object({ disabled: { type: 'boolean' }, roles: givenRoles }, ['disabled', 'roles']),
  AdminUser: object({ user: adminUser }),
  AdminUsers: object({ users: list(adminUser) }),
  ResetTicket: object({
    ticket: text('For `POST /auth/password-reset`; shown once.'),
    expires_at: seconds('Seconds since the epoch.'),
  }),
  Jwks: object({ keys: list({ type: 'object', additionalProperties: true }) }),
  Live: object({ status: { type: 'string', enum: ['ok', 'lost'] } }),
  Error: object(
    {
      statusCode: { type: 'integer' },
      error: text('The HTTP status in words.'),
      code: text('Stable; for programs.', { pattern: '^[a-z_]+$' }),
      message: text('One sentence for people; may change.'),
      details: list(text('One fault.')),
    },
    ['details'],
  ),
};

/** What goes in and out, as the HTTP contract has it. A test holds every answer of the service against these. */
export const schemasOf = ({ keepsSessions, renews }: ModeTraits): Schemas => ({
  ...everywhere,
  TokenAnswer: object(tokenAnswer({ keepsSessions, renews }), OPTIONAL_IN_TOKEN_ANSWER),
  PasswordChanged: passwordChanged(tokenAnswer({ keepsSessions, renews })),
  Me: object(
    {
      sub: text('The user.'),
      sid: text('The session.'),
      email: text('The e-mail address.'),
      roles,
      auth_time: seconds('When the password was last given, seconds since the epoch.'),
      issued_at: seconds('Of this access token, seconds since the epoch.'),
      expires_at: seconds('Of this access token, seconds since the epoch.'),
      ...(renews && {
        renew_after: seconds('Seconds from now; absent where the token cannot be renewed.'),
        renew_until: seconds('Seconds since the epoch; renewing never reaches past it.'),
      }),
      session_expires_in: seconds('Seconds from now to the absolute end of the session.'),
    },
    ['renew_after', 'renew_until', 'session_expires_in'],
  ),
  Ready: object({
    status: { type: 'string', enum: ['ok', 'degraded', 'starting', 'draining'] },
    parts: object({ ...(keepsSessions && { store: part }), users: part, feed: part }),
    faults: { type: 'object', additionalProperties: { type: 'string' }, description: 'Why a part is down.' },
  }),
  ...(keepsSessions && {
    Sessions: object({
      sessions: list(
        object({
          id: text('The session.'),
          current: { type: 'boolean', description: 'Whether it is the one that asks.' },
          client_id: text('The kind of client.'),
          device_name: maybe('As the client named it.'),
          user_agent: maybe('As the client told it.'),
          ip: maybe('Where it was opened from.'),
          created_at: seconds('Seconds since the epoch.'),
          last_seen_at: seconds('Of the last refresh, seconds since the epoch.'),
          expires_at: seconds('When it ends if it is not used again, seconds since the epoch.'),
        }),
      ),
    }),
  }),
});

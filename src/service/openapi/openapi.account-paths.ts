import { operation, type Operations } from './openapi.operation.js';

const tag = 'account';

/** What needs users. */
export const accountPaths = (base: string): Operations => ({
  [`${base}/register`]: {
    post: operation({
      id: 'register',
      summary: 'Make an account, where registration is open',
      tag,
      body: 'Credentials',
      answer: [201, 'User'],
      errors: [400, 403, 409, 503],
    }),
  },
  [`${base}/login`]: {
    post: operation({
      id: 'login',
      summary: 'Open a session',
      tag,
      body: 'Login',
      answer: [200, 'TokenAnswer'],
      errors: [400, 401, 403, 409, 503],
    }),
  },
  [`${base}/reauthenticate`]: {
    post: operation({
      id: 'reauthenticate',
      summary: 'Give the password again: an access token with a fresh `auth_time`, for what asks for a recent login',
      tag,
      body: 'Reauthentication',
      answer: [200, 'TokenAnswer'],
      errors: [400, 401, 403, 503],
      bearer: true,
    }),
  },
  [`${base}/password`]: {
    post: operation({
      id: 'changePassword',
      summary: 'Change the password: every session ends, and a new one is opened',
      tag,
      body: 'PasswordChange',
      answer: [200, 'PasswordChanged'],
      errors: [400, 401, 403, 409, 503],
      bearer: true,
    }),
  },
  [`${base}/password-reset`]: {
    post: operation({
      id: 'resetPassword',
      summary: "Set the password by an administrator's ticket; every session ends",
      tag,
      body: 'PasswordReset',
      answer: [204, null],
      errors: [400, 503],
    }),
  },
  [`${base}/me`]: {
    get: operation({
      id: 'me',
      summary: 'Who is calling',
      tag,
      answer: [200, 'Me'],
      errors: [400, 401],
      bearer: true,
    }),
  },
});

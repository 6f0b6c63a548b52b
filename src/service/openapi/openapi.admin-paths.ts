import { operation, type Call, type Operations } from './openapi.operation.js';

const byAdmin = (call: Omit<Call, 'tag' | 'bearer'>) => operation({ ...call, tag: 'admin', bearer: true });

const email = {
  name: 'email',
  in: 'query',
  description: 'The whole address, in any case. Without it: the newest 100 accounts.',
  schema: { type: 'string' },
} as const;

/** What administrators do; all take the role `admin`. */
export const adminPaths: Operations = {
  '/admin/users': {
    get: byAdmin({
      id: 'findUsers',
      summary: 'Find an account by its address',
      parameters: [email],
      answer: [200, 'AdminUsers'],
      errors: [400, 401, 403, 503],
    }),
    post: byAdmin({
      id: 'addUser',
      summary: 'Make an account; without a password, it takes a reset ticket to log in',
      body: 'NewUser',
      answer: [201, 'AdminUser'],
      errors: [400, 401, 403, 409, 503],
    }),
  },
  '/admin/users/{id}': {
    patch: byAdmin({
      id: 'patchUser',
      summary: 'Disable or enable an account (disabling ends all its sessions), or give it other roles',
      path: ['id'],
      body: 'UserPatch',
      answer: [200, 'AdminUser'],
      errors: [400, 401, 403, 404, 503],
    }),
    delete: byAdmin({
      id: 'deleteUser',
      summary: 'Delete an account; all its sessions end',
      path: ['id'],
      answer: [204, null],
      errors: [401, 403, 404, 503],
    }),
  },
  '/admin/users/{id}/sessions': {
    delete: byAdmin({
      id: 'endUserSessions',
      summary: 'End every session of an account, and all its tokens',
      path: ['id'],
      answer: [204, null],
      errors: [401, 403, 404, 503],
    }),
  },
  '/admin/users/{id}/password-reset': {
    post: byAdmin({
      id: 'issueResetTicket',
      summary: 'Make a ticket with which the password can be set once, within 30 minutes',
      path: ['id'],
      answer: [201, 'ResetTicket'],
      errors: [401, 403, 404, 503],
    }),
  },
};

import type { users } from '../database/users.schema.js';

/** Who can log in; never with the password's hash. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
}

export type UserRow = typeof users.$inferSelect;

export const toUser = ({ id, email, roles, disabled }: UserRow): User => ({ id, email, roles, disabled });

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from outside; what is no UUID would be an error of the query, and is nobody. */
export const isUserId = (id: string): boolean => UUID.test(id);

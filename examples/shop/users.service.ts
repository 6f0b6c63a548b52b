import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import type { LoadedSubject, RegisteredClaims } from 'keyturn';

declare module 'keyturn' {
  /** What our access tokens say beside the standard claims: `@CurrentUser()` has these types everywhere. */
  interface RegisteredClaims {
    name: string;
    roles: string[];
  }
}

interface PasswordHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: string[];
  /** Raised with every change of the password: sessions opened below it end. */
  readonly generation: number;
  readonly password: PasswordHash;
}

/** Everybody's password. A shop with customers has a users table here, and no constant. */
export const DEMO_PASSWORD = 'correct horse battery staple';

const ACCOUNTS = [
  { id: 'u1', email: 'ada@example.com', name: 'Ada', roles: ['customer'], generation: 0 },
  { id: 'u2', email: 'grace@example.com', name: 'Grace', roles: ['customer'], generation: 0 },
  { id: 'u3', email: 'alan@example.com', name: 'Alan', roles: ['customer', 'staff'], generation: 0 },
];

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
// One of the settings that OWASP's Password Storage Cheat Sheet takes for equal: 16 MiB, five times.
const COST: ScryptOptions = { N: 2 ** 14, r: 8, p: 5 };
const HASH_BYTES = 32;

async function hashOf(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, hash: await derive(password, salt, HASH_BYTES, COST) };
}

const fits = async (password: string, { salt, hash }: PasswordHash): Promise<boolean> =>
  timingSafeEqual(await derive(password, salt, HASH_BYTES, COST), hash);

export const demoUsers = (): Promise<User[]> =>
  Promise.all(ACCOUNTS.map(async (account) => ({ ...account, password: await hashOf(DEMO_PASSWORD) })));

export class UsersService {
  private readonly nobody: PasswordHash = { salt: randomBytes(16), hash: randomBytes(HASH_BYTES) };

  constructor(private readonly users: readonly User[]) {}

  /** The user whose password this is. */
  async withPassword(email: string, password: string): Promise<User | undefined> {
    const user = this.users.find((candidate) => candidate.email === email.toLowerCase());
    // An unknown e-mail costs a hash as well, or the time of the answer would tell who has an account.
    return (await fits(password, user?.password ?? this.nobody)) ? user : undefined;
  }

  /** Whether this is the password of somebody who is logged in. */
  async hasPassword(id: string, password: string): Promise<boolean> {
    const user = this.users.find((candidate) => candidate.id === id);
    return user !== undefined && fits(password, user.password);
  }

  /** Asked at each login and refresh, so that new roles are in the next token, and who is gone gets none. */
  loadSubject(id: string): LoadedSubject | null {
    const user = this.users.find((candidate) => candidate.id === id);
    if (!user) return null;
    const { name, roles, generation } = user;
    return { claims: { name, roles } satisfies RegisteredClaims, generation };
  }
}

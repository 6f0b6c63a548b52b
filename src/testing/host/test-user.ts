import type { AuthPolicy } from '../../index.js';

/** A user of a test. */
export interface TestUser {
  /** Default `user-1`. */
  readonly sub?: string;
  /** The claim `roles`, which `@RequireRole()` asks for. */
  readonly roles?: readonly string[];
  /** Scopes, separated by blanks, as in the claim. */
  readonly scope?: string;
  /** Further claims of the access token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** When the user logged in, whole seconds. Default: now. */
  readonly authTime?: number;
  /** Default `default`. */
  readonly client?: string;
}

export const subOf = ({ sub = 'user-1' }: TestUser): string => sub;

/** What the user's access tokens say beside the registered claims. */
export const claimsOf = ({ roles, scope, claims }: TestUser): Record<string, unknown> => ({
  ...claims,
  ...(roles && { roles }),
  ...(scope !== undefined && { scope }),
});

/** What finds the parts of an application: `INestApplication`, `INestApplicationContext` and `TestingModule`. */
export interface ApplicationUnderTest {
  /** As in `INestApplication`. */
  get<T>(token: unknown, options?: { strict: boolean }): T;
}

/** @throws Error that says what the application lacks */
export function partOf<Part>(app: ApplicationUnderTest, token: abstract new (...args: never[]) => Part): Part {
  try {
    return app.get<Part>(token, { strict: false });
  } catch {
    throw new Error(`keyturn/testing: the application has no ${token.name}. Does it import AuthModule?`);
  }
}

/** How long the user's access tokens live, whole seconds; half an hour in a resource server, which issues none. */
export const lifeOf = ({ clients }: AuthPolicy, { client = 'default' }: TestUser): number =>
  Math.floor((clients?.get(client)?.accessTtl ?? 1_800_000) / 1000);

import { randomUUID } from 'node:crypto';
import { UsersService } from '../../src/service/accounts/users.service.js';
import { databaseThere } from './database-there.js';
import { startService, type Answer, type RunningService, type ServiceEnvironment } from './service.js';
import { untilDone, untilNotBusy } from './until-not-busy.js';

export const PASSWORD = 'correct horse battery';
export const NEW_PASSWORD = 'another horse battery';

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly session_id: string;
}

/** The service with accounts in it: what a test of logins and administrators asks again and again. */
export interface ServiceWithAccounts extends RunningService {
  /** An account that no other test knows. */
  account(roles?: readonly string[]): Promise<Account>;
  login(account: Account, more?: object): Promise<Tokens>;
  refresh(tokens: Tokens): Promise<Answer>;
  /** Calls as an administrator. */
  admin(call: string, body?: unknown): Promise<Answer>;
  /** What a token's bearer is told: `ok`, or the code of the refusal. */
  told(tokens: Tokens): Promise<string>;
  /** The same for its refresh token, which this uses. */
  toldAtRefresh(tokens: Tokens): Promise<string>;
}

export async function startAccounts(env?: ServiceEnvironment): Promise<ServiceWithAccounts> {
  const service = await startService(env);
  await databaseThere(service.app);
  const users = service.app.get(UsersService, { strict: false });
  const account = (roles: readonly string[] = [], isVerified = false): Promise<Account> =>
    untilDone(async () => {
      const email = `${randomUUID()}@shop.example`;
      const { id } = await users.register(email, PASSWORD, roles, { isVerified });
      return { id, email, password: PASSWORD };
    });
  const login = async ({ email, password }: Account, more: object = {}): Promise<Tokens> => {
    const answer = await untilNotBusy(() => service.call('/auth/login', { body: { email, password, ...more } }));
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Tokens;
  };
  const refresh = ({ refresh_token }: Tokens) => service.call('/auth/refresh', { body: { refresh_token } });
  const outcome = ({ status, body }: Answer): string => (status === 200 ? 'ok' : String(body.code));
  const administrator = await login(await account(['admin'], true));
  return {
    ...service,
    account,
    login,
    refresh,
    admin: (call, body) => {
      const [method, path] = call.split(' ') as [string, string];
      return service.call(path, { method, body, token: administrator.access_token });
    },
    told: async ({ access_token: token }) => outcome(await service.call('/auth/me', { token })),
    toldAtRefresh: async (tokens) => outcome(await refresh(tokens)),
  };
}

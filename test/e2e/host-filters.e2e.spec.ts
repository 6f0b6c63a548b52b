import {
  Catch,
  Controller,
  Get,
  HttpException,
  Inject,
  Scope,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import {
  AuthError,
  AuthExceptionFilter,
  AuthModule,
  InMemoryTokenRepositoryModule,
  Public,
  RequireRole,
} from '../../src/index.js';
import { ADAPTERS, startApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

@Public()
@Controller('login')
class LoginController {
  @Get()
  login() {
    throw new AuthError('invalid_credentials', 'The name or the password is wrong.');
  }

  @Get('limited')
  limited() {
    throw new AuthError('too_many_attempts', 'Wait.', { retryAfter: 9 });
  }

  @Get('plain')
  plain() {
    throw new HttpException('no error of Keyturn', 401);
  }
}

@Controller('cart')
class CartController {
  @Get()
  view() {
    return [];
  }

  @RequireRole('admin')
  @Get('all')
  all() {
    return [];
  }
}

/** Knows the bodies of the house alone, which have `errors`. */
const wordsOf = (thrown: HttpException): string[] =>
  (thrown.getResponse() as { errors: string[] }).errors.map((word) => word.trim());

@Catch(HttpException)
class ThrowingFilter implements ExceptionFilter<HttpException> {
  catch(thrown: HttpException): void {
    wordsOf(thrown);
  }
}

@Catch(HttpException)
class RejectingFilter implements ExceptionFilter<HttpException> {
  async catch(thrown: HttpException): Promise<void> {
    await Promise.resolve();
    wordsOf(thrown);
  }
}

/** Says what it was given, and by which code it knows it. */
abstract class TellingFilter implements ExceptionFilter<unknown> {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(thrown: HttpException, host: ArgumentsHost): void {
    const { code, cause } = thrown as { code?: string; cause?: unknown };
    const told = { given: thrown.name, code: code ?? (cause instanceof AuthError ? cause.code : undefined) };
    this.host.httpAdapter.reply(host.getArgByIndex<object>(1), told, thrown.getStatus());
  }
}

@Catch()
class EverythingFilter extends TellingFilter {}

@Catch(AuthError)
class ErrorFilter extends TellingFilter {}

@UseFilters(ErrorFilter)
@Controller('own')
class OwnFilterController extends CartController {}

/** Notes what happens, and leaves the answer to Keyturn. */
@Catch(AuthError)
class NotingFilter implements ExceptionFilter<AuthError> {
  static noted: string[] = [];

  constructor(@Inject(AuthExceptionFilter) private readonly auth: AuthExceptionFilter) {}

  catch(thrown: AuthError, host: ArgumentsHost): unknown {
    NotingFilter.noted.push(thrown.code);
    return this.auth.catch(thrown, host);
  }
}

@Catch(AuthError)
class LateNotingFilter extends NotingFilter {
  override async catch(thrown: AuthError, host: ArgumentsHost): Promise<unknown> {
    await Promise.resolve();
    return super.catch(thrown, host);
  }
}

const CHALLENGE = `Bearer realm="${ISSUER}"`;

const auth = () =>
  AuthModule.forRoot({
    issuer: ISSUER,
    keys,
    store: InMemoryTokenRepositoryModule.forRoot(),
    guard: 'global',
    isGlobal: true,
  });

describe.each(ADAPTERS)('filters of the host, on %s', (adapter) => {
  describe('that have a fault of their own', () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    beforeEach(() => void process.on('unhandledRejection', note));
    afterEach(() => void process.off('unhandledRejection', note));

    const start = (filter: ExceptionFilter) =>
      startApp(
        adapter,
        { imports: [auth()], controllers: [LoginController] },
        { configure: (app) => app.useGlobalFilters(filter) },
      );

    it('answer a wrong password as every other error: a stranger must not end the process by one', async () => {
      const { ask, close } = await start(new ThrowingFilter());

      const [ofNest, ofKeyturn] = [await ask('GET /login/plain'), await ask('GET /login')];

      expect([ofKeyturn.status, ofKeyturn.text]).toEqual([500, ofNest.text]);
      await close();
      expect(unhandled).toEqual([]);
    });

    it('end no process either where they wait before they fail, which Nest itself lets happen', async () => {
      const { ask, close } = await start(new RejectingFilter());

      const answer = await ask('GET /login');

      expect([answer.status, answer.json()]).toEqual([500, { statusCode: 500, message: 'Internal server error' }]);
      await close();
      expect(unhandled).toEqual([]);
    });
  });

  const scopes = [Scope.DEFAULT, Scope.REQUEST, Scope.TRANSIENT].map((scope) => [Scope[scope], scope] as const);
  describe.each(scopes)('of the scope %s', (_name, scope) => {
    const start = async (filter: Type<ExceptionFilter>) => {
      const providers = [{ provide: APP_FILTER, useClass: filter, scope }];
      const controllers = [LoginController, CartController];
      const { ask } = await startApp(adapter, { imports: [auth()], controllers, providers });
      return async (call: string) => {
        const { status, headers, json } = await ask(call);
        return [status, json(), headers['www-authenticate'] ?? headers['retry-after']];
      };
    };

    it('for everything write what guard and handlers refuse, with the code and the headers of Keyturn', async () => {
      const told = await start(EverythingFilter);

      const given = 'AuthHttpException';
      expect(await told('GET /login')).toEqual([401, { given, code: 'invalid_credentials' }, CHALLENGE]);
      expect(await told('GET /login/limited')).toEqual([429, { given, code: 'too_many_attempts' }, '9']);
      expect(await told('GET /cart')).toEqual([401, { given, code: 'token_missing' }, CHALLENGE]);
      expect(await told('GET /login/plain')).toEqual([401, { given: 'HttpException' }, undefined]);
    });

    it('for AuthError get the error itself, whether a handler, the guard or a demand has thrown it', async () => {
      const told = await start(ErrorFilter);

      const given = 'AuthError';
      expect(await told('GET /login')).toEqual([401, { given, code: 'invalid_credentials' }, CHALLENGE]);
      expect(await told('GET /cart')).toEqual([401, { given, code: 'token_missing' }, CHALLENGE]);
      expect(await told('GET /cart/all')).toEqual([401, { given, code: 'token_missing' }, CHALLENGE]);
    });
  });

  it.each([NotingFilter, LateNotingFilter])('may hand an AuthError back to Keyturn, as %p does', async (filter) => {
    const providers = [{ provide: APP_FILTER, useClass: filter }];
    const { ask } = await startApp(adapter, { imports: [auth()], controllers: [LoginController], providers });
    NotingFilter.noted = [];

    const { status, headers, json } = await ask('GET /login');

    expect([status, json()]).toEqual([401, expect.objectContaining({ code: 'invalid_credentials' })]);
    expect(headers['www-authenticate']).toBe(CHALLENGE);
    expect(NotingFilter.noted).toEqual(['invalid_credentials']);
  });

  it('of a controller get what the guard refuses, and the challenge is set', async () => {
    const { ask } = await startApp(adapter, { imports: [auth()], controllers: [OwnFilterController] });

    const { status, headers, json } = await ask('GET /own');

    expect([status, json()]).toEqual([401, { given: 'AuthError', code: 'token_missing' }]);
    expect(headers['www-authenticate']).toBe(CHALLENGE);
  });
});

import { Catch, Controller, Get, HttpException, type ExceptionFilter } from '@nestjs/common';
import { AuthError, AuthModule, InMemoryTokenRepositoryModule, Public } from '../../src/index.js';
import { ADAPTERS, startApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

@Public()
@Controller('login')
class LoginController {
  @Get()
  login() {
    throw new AuthError('invalid_credentials', 'The name or the password is wrong.');
  }

  @Get('plain')
  plain() {
    throw new HttpException('no error of Keyturn', 401);
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

const auth = () =>
  AuthModule.forRoot({ issuer: ISSUER, keys, store: InMemoryTokenRepositoryModule.forRoot(), guard: 'global' });

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
});

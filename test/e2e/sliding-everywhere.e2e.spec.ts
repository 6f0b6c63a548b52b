import { Controller, Get, Module, Post, UseInterceptors } from '@nestjs/common';
import {
  AuthModule,
  InMemoryTokenRepositoryModule,
  NoSliding,
  OptionalAuth,
  Public,
  SessionService,
  SlidingSession,
  SlidingSessionInterceptor,
  type AuthModuleOptions,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

@Controller('notes')
class NotesController {
  @Get()
  read() {
    return ['a note'];
  }

  @SlidingSession({ renewAfter: 0.9 })
  @Post()
  write() {
    return 'written';
  }

  @NoSliding()
  @Get('poll')
  poll() {
    return 'nothing new';
  }

  @Public()
  @Get('terms')
  terms() {
    return 'terms';
  }

  @OptionalAuth()
  @Get('greeting')
  greeting() {
    return 'hello';
  }

  @NoSliding()
  @UseInterceptors(SlidingSessionInterceptor)
  @Get('both')
  both() {
    return 'both';
  }
}

@NoSliding()
@Controller('status')
class StatusController {
  @Get()
  read() {
    return 'up';
  }

  @SlidingSession()
  @Post()
  write() {
    return 'written';
  }
}

@SlidingSession()
@Controller('drafts')
class DraftsController {
  @Get(':id')
  start() {
    return 'a new draft';
  }

  @NoSliding()
  @Get()
  list() {
    return [];
  }
}

describe.each(ADAPTERS)('which routes slide on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function login(options: Partial<AuthModuleOptions> = {}) {
    const clock = new TestClock();
    const auth = AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      store: clock.store(),
      guard: 'global',
      routes: { path: 'auth' },
      ...options,
    });
    const controllers = [NotesController, StatusController, DraftsController];
    const host = await startApp(adapter, { imports: [auth], controllers }, { clock });
    running.push(host);
    const { accessToken: token } = await host.app.get(SessionService).open({ sub: 'ann' });
    clock.advance('20m');
    const slides = async (call: string) => {
      const { status, headers } = await host.ask(call, { token });
      expect(status).toBeLessThan(300);
      return headers['renewed-access-token'] !== undefined;
    };
    return { ...host, clock, token, slides };
  }

  describe('where every route slides', () => {
    it.each([
      ['GET /notes', true, 'is not marked'],
      ['POST /status', true, 'is marked, in a class that does not slide'],
      ['GET /drafts/7', true, 'is in a class that is marked, too'],
      ['GET /notes/greeting', true, 'is for anybody, and somebody came'],
      ['POST /notes', false, 'renews later than the others'],
      ['GET /notes/poll', false, 'says no'],
      ['GET /notes/both', false, 'says no, though it names the interceptor'],
      ['GET /status', false, 'is in a class that says no'],
      ['GET /notes/terms', false, 'is public: nobody looked at the token'],
    ])('%s: %s, since it %s', async (call, renewed) => {
      const { slides } = await login({ sliding: { on: 'all' } });
      expect(await slides(call)).toBe(renewed);
    });

    it('a route that renews later than the others does so in its time', async () => {
      const { slides, clock } = await login({ sliding: { on: 'all' } });
      clock.advance('7m');
      expect(await slides('POST /notes')).toBe(true);
    });

    it('the answer of renew brings its token once', async () => {
      const { slides } = await login({ sliding: { on: 'all' } });
      expect(await slides('POST /auth/renew')).toBe(false);
    });

    it('an anonymous caller gets nothing', async () => {
      const { ask } = await login({ sliding: { on: 'all' } });
      expect((await ask('GET /notes/greeting')).headers['renewed-access-token']).toBeUndefined();
    });
  });

  describe('where only marked routes do', () => {
    it.each([
      ['GET /notes', false, 'is not marked'],
      ['GET /drafts/7', true, 'starts a draft, by a GET'],
      ['GET /drafts', false, 'says no, in a class that is marked'],
      ['POST /status', true, 'is marked, in a class that says no'],
    ])('%s: %s, since it %s', async (call, renewed) => {
      expect(await (await login()).slides(call)).toBe(renewed);
    });
  });

  it('with a factory, the word beside it counts', async () => {
    const clock = new TestClock();
    const auth = AuthModule.forRootAsync({
      store: clock.store(),
      guard: 'global',
      sliding: { on: 'all' },
      useFactory: async () => ({ issuer: ISSUER, keys, sliding: { renewAfter: 0.5 } }),
    });
    const host = await startApp(adapter, { imports: [auth], controllers: [NotesController] }, { clock });
    running.push(host);
    const { accessToken: token } = await host.app.get(SessionService).open({ sub: 'ann' });
    clock.advance('20m');
    expect((await host.ask('GET /notes', { token })).headers['renewed-access-token']).toEqual(expect.any(String));
  });
});

describe('a word about sliding that would have no effect stops the start', () => {
  @Module({})
  class Host {}
  const store = InMemoryTokenRepositoryModule.forRoot();
  const startOf = async (beside: object, from: object) => {
    const auth = AuthModule.forRootAsync({ store, ...beside, useFactory: () => ({ issuer: ISSUER, keys, ...from }) });
    await startApp('express', { imports: [Host, auth] });
  };

  it('in a factory, which comes too late for it', async () => {
    await expect(startOf({}, { sliding: { on: 'all' } })).rejects.toThrow(/^sliding\.on is 'all' in the factory/);
  });

  it.each<[object, RegExp]>([
    [{ sliding: { on: 'some' } }, /^sliding\.on is 'some'/],
    [{ sliding: { renewAfter: 0.5 } }, /unknown option of sliding: renewAfter/],
    [{ sliding: true }, /sliding must be an object/],
  ])('beside a factory: %j', async (beside, message) => {
    await expect(startOf(beside, {})).rejects.toThrow(message);
  });

  it.each<[() => unknown, RegExp]>([
    [() => SlidingSession({ renewAfter: 1 }), /^@SlidingSession\(\) renewAfter is 1/],
    [() => SlidingSession({ extendSession: 'yes' as never }), /^@SlidingSession\(\) extendSession is the text 'yes'/],
    [() => SlidingSession({ on: 'all' } as never), /unknown option of @SlidingSession\(\): on/],
  ])('on a route: %s', (decorate, message) => {
    expect(decorate).toThrow(message);
  });
});

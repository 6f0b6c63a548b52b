import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Controller, Get, Injectable, Module, Req, UseGuards, type ExecutionContext } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import {
  CurrentUser,
  JwtAuthGuard,
  JwtStrategy,
  SessionService,
  SlidingSession,
  type IncomingRequest,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/adapters.js';
import { eventually } from '../support/eventually.js';
import { shopMetadata, startShop } from '../support/shop-host.js';

/** A host with a Passport of its own, and guards that override what Nest's documentation tells to override. */
@Injectable()
class EntityGuard extends JwtAuthGuard {
  override handleRequest<TUser>(...[error, user, info, context]: Parameters<JwtAuthGuard['handleRequest']>): TUser {
    const { sub } = super.handleRequest(error, user, info, context);
    return { id: sub, name: 'Ann' } as TUser;
  }
}

@Injectable()
class OwnHeaderGuard extends JwtAuthGuard {
  override getRequest(context: ExecutionContext): IncomingRequest {
    const token = super.getRequest(context).headers['x-session'];
    return { headers: { authorization: typeof token === 'string' ? `Bearer ${token}` : undefined } };
  }
}

/** Which handlers Passport's options were asked for. */
const askedFor: unknown[] = [];

@Injectable()
class OptionsGuard extends JwtAuthGuard {
  override getAuthenticateOptions(context: ExecutionContext): object {
    askedFor.push(context.getHandler());
    return {};
  }
}

@Injectable()
class LenientGuard extends JwtAuthGuard {
  override handleRequest<TUser>(_error: unknown, user: unknown): TUser {
    return (user || null) as TUser;
  }
}

/** What tells whether a request is kept: memory beside the heap, which Node counts. */
const BALLAST = 100_000;

@Controller()
class OverridingController {
  @UseGuards(EntityGuard)
  @SlidingSession()
  @Get('entity')
  entity(@Req() { user }: { user: unknown }, @CurrentUser('sub') sub: string) {
    return { user, sub };
  }

  @UseGuards(OwnHeaderGuard)
  @Get('own-header')
  ownHeader(@CurrentUser('sub') sub: string) {
    return { sub };
  }

  @UseGuards(OptionsGuard)
  @Get('options')
  options(@CurrentUser('sub') sub: string) {
    return { sub };
  }

  @UseGuards(LenientGuard)
  @Get('lenient')
  lenient() {
    return 'in';
  }

  @UseGuards(JwtAuthGuard)
  @Get('plain')
  plain(@CurrentUser('sub') sub: string) {
    return { sub };
  }
}

const HOST_SECRET = 'a secret of the host, of enough bytes';

@Injectable()
class HostStrategy extends PassportStrategy(Strategy, 'host') {
  constructor() {
    super({ jwtFromRequest: () => HOST_SECRET, secretOrKey: HOST_SECRET });
  }

  override authenticate(): void {
    this.success({ sub: 'whom the host lets in' });
  }

  validate(payload: unknown) {
    return payload;
  }
}

@Module({
  imports: [PassportModule.register({ defaultStrategy: 'host', property: 'account' })],
  providers: [HostStrategy],
  controllers: [OverridingController],
})
class OverridingModule {}

describe.each(ADAPTERS)('the guard as a guard of Passport, on %s', (adapter) => {
  const clock = new TestClock();
  let host: RunningApp;
  let token: string;

  beforeAll(async () => {
    const { imports } = shopMetadata(clock, [], { guard: 'manual', isGlobal: true });
    host = await startApp(adapter, { imports: [...imports!, OverridingModule] }, { clock });
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    token = (await host.app.get(SessionService).open({ sub: 'ann' })).accessToken;
  });

  it('verifies by its own strategy where the host has registered a default one: that would let anybody in', async () => {
    expect((await host.ask('GET /plain', { token: 'a.b.c' })).status).toBe(401);
    expect((await host.ask('GET /plain', { token })).json()).toEqual({ sub: 'ann' });
  });

  it('calls handleRequest() for a token seen before as well, and keeps the claims apart from what it returns', async () => {
    for (let time = 0; time < 2; time++) {
      const answer = await host.ask('GET /entity', { token });
      expect(answer.json()).toEqual({ user: { id: 'ann', name: 'Ann' }, sub: 'ann' });
    }
    expect((await host.ask('GET /entity')).json()).toMatchObject({ code: 'token_missing' });
    expect((await host.ask('GET /entity', { token: 'garbage' })).json()).toMatchObject({ code: 'token_invalid' });
  });

  it('slides where handleRequest() puts an entity of the host at request.user', async () => {
    clock.advance('20m');
    const answer = await host.ask('GET /entity', { token });
    expect(answer.headers['renewed-access-token']).toEqual(expect.any(String));
  });

  it('reads the token of what getRequest() returns', async () => {
    for (let time = 0; time < 2; time++) {
      const answer = await host.ask('GET /own-header', { headers: { 'x-session': token } });
      expect(answer.json()).toEqual({ sub: 'ann' });
    }
    expect((await host.ask('GET /own-header', { token })).json()).toMatchObject({ code: 'token_missing' });
  });

  it('asks getAuthenticateOptions() with the message of the route, though Passport does not see it', async () => {
    askedFor.length = 0;
    expect((await host.ask('GET /options', { token })).json()).toEqual({ sub: 'ann' });
    expect(askedFor).toEqual([OverridingController.prototype.options]);
  });

  it('lets nobody in where handleRequest() forgives, because then nobody has checked revocations and times', async () => {
    for (const given of [undefined, 'garbage', token, token]) {
      expect((await host.ask('GET /lenient', { token: given })).status).toBe(401);
    }
  });

  it('keeps no request that Passport has seen until a full garbage collection: V8 would make all requests old', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (kind?: { type: 'minor' }) => void;
    const guard = await host.app.get(ModuleRef).create(JwtAuthGuard);
    const sessions = host.app.get(SessionService);
    collect();
    const before = process.memoryUsage().arrayBuffers;
    for (let request = 0; request < 60; request++) {
      const { accessToken } = await sessions.open({ sub: 'ann' });
      // Without a server, which keeps requests for reasons of its own.
      const loaded = { headers: { authorization: `Bearer ${accessToken}` }, ballast: new ArrayBuffer(BALLAST) };
      const { plain } = OverridingController.prototype;
      const context = new ExecutionContextHost([loaded, {}, () => undefined], OverridingController, plain);
      expect(await guard.canActivate(context)).toBe(true);
    }
    const kept = () => {
      collect({ type: 'minor' });
      return (process.memoryUsage().arrayBuffers - before) / BALLAST;
    };
    await eventually(() => kept() < 20);
  });

  it('has a strategy that Passport knows by its name, until the application is closed', async () => {
    const other = await startShop(adapter, {}, [], { clock });
    const { name } = other.app.get(JwtStrategy);
    expect(name).not.toBe(host.app.get(JwtStrategy).name);
    const guard = new (AuthGuard(name))();
    await other.close();
    const context = { switchToHttp: () => ({ getRequest: () => ({ headers: {} }), getResponse: () => ({}) }) };
    await expect(guard.canActivate(context as ExecutionContext)).rejects.toThrow(
      `Unknown authentication strategy "${name}"`,
    );
  });
});

import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { lastValueFrom, of } from 'rxjs';
import {
  JwtAuthGuard,
  Public,
  RequireRecentAuth,
  RequireRole,
  RequireScope,
  SessionService,
  SlidingSession,
  SlidingSessionInterceptor,
} from '../../src/index.js';
import { ROUTE_PARTS, type RouteParts } from '../../src/routing/route-parts.js';
import { RouteDemandsGuard } from '../../src/guards/route-demands.guard.js';
import { TestClock } from '../../src/testing/index.js';
import { startApp, type RunningApp } from '../support/adapters.js';
import { shopMetadata } from '../support/shop-host.js';

class Handlers {
  @RequireRecentAuth('5m')
  recent() {}
  @RequireRole('admin')
  role() {}
  @RequireScope('cart:write')
  scope() {}
  @Public()
  @RequireRole('admin')
  mistaken() {}
  @SlidingSession()
  sliding() {}
}

describe('demands and sliding beyond HTTP', () => {
  const clock = new TestClock();
  let host: RunningApp;
  let guard: RouteDemandsGuard;

  beforeAll(async () => {
    host = await startApp('express', shopMetadata(clock, []), { clock });
    guard = new RouteDemandsGuard(host.app.get<RouteParts>(ROUTE_PARTS));
  });
  afterAll(() => host.close());

  const tokenOf = async (claims: Record<string, unknown> = {}) =>
    (await host.app.get(SessionService).open({ sub: 'ann', claims })).accessToken;
  const kinds: Record<string, (headers: Record<string, string>) => unknown[]> = {
    http: (headers) => [{ headers }, { set: () => undefined }],
    ws: (headers) => [{ handshake: { headers } }, {}],
    rpc: (headers) => [{}, { getHeaders: () => headers }],
    graphql: (headers) => [{}, {}, { req: { headers } }, {}],
  };
  const contextOf = (kind: string, handler: keyof Handlers, token?: string, more: unknown[] = []): ExecutionContext => {
    const args = kinds[kind]?.(token === undefined ? {} : { authorization: `Bearer ${token}` }) ?? [{}];
    const context = new ExecutionContextHost([...args, ...more], Handlers, Handlers.prototype[handler]);
    context.setType(kind);
    return context;
  };
  const codeOf = async (context: ExecutionContext): Promise<unknown> => {
    try {
      return await guard.canActivate(context);
    } catch (error) {
      const told = error as { getError?: () => { code: string }; getResponse?: () => { code: string } };
      return told.getError?.().code ?? told.getResponse?.().code ?? 'no code';
    }
  };

  describe.each(['http', 'ws', 'rpc', 'graphql'])('in a context of kind %s', (kind) => {
    it('lets in who meets what the handler demands', async () => {
      const token = await tokenOf({ roles: ['admin'], scope: 'cart:write' });
      for (const handler of ['recent', 'role', 'scope', 'mistaken'] as const) {
        expect([handler, await codeOf(contextOf(kind, handler, token))]).toEqual([handler, true]);
      }
    });

    it('tells others what is missing', async () => {
      const token = await tokenOf();
      expect(await codeOf(contextOf(kind, 'role', token))).toBe('forbidden');
      expect(await codeOf(contextOf(kind, 'scope', token))).toBe('insufficient_scope');
      expect(await codeOf(contextOf(kind, 'mistaken'))).toBe('token_missing');
      clock.advance('6m');
      expect(await codeOf(contextOf(kind, 'recent', token))).toBe('insufficient_user_authentication');
    });
  });

  it('notices on a long-lived socket that the login has grown old', async () => {
    const client = { handshake: { headers: { authorization: `Bearer ${await tokenOf()}` } } };
    const message = () => {
      const context = new ExecutionContextHost([client, {}], Handlers, Handlers.prototype.recent);
      context.setType('ws');
      return context;
    };
    expect(await codeOf(message())).toBe(true);
    clock.advance('6m');
    expect(await codeOf(message())).toBe('insufficient_user_authentication');
  });

  it('fails closed in a context of a kind that nobody knows', async () => {
    await expect(guard.canActivate(contextOf('carrier-pigeon', 'role'))).rejects.toThrow();
  });

  describe('sliding', () => {
    const answer = (value: unknown): CallHandler => ({ handle: () => of(value) });
    const slide = async (kind: string, token: string, more: unknown[] = []) => {
      const context = contextOf(kind, 'sliding', token, more);
      await host.app.get(JwtAuthGuard).canActivate(context);
      return lastValueFrom(host.app.get(SlidingSessionInterceptor).intercept(context, answer('answered')));
    };

    it('answers as ever on sockets and in messages, which have no header for a token', async () => {
      const token = await tokenOf();
      clock.advance('20m');
      for (const kind of ['ws', 'rpc']) expect(await slide(kind, token)).toBe('answered');
    });

    it("renews beside a resolver's answer, where the GraphQL context has the response", async () => {
      const token = await tokenOf();
      clock.advance('20m');
      const headers: Record<string, string> = {};
      const response = {
        statusCode: 200,
        headersSent: false,
        getHeader: (name: string) => headers[name],
        setHeader: (name: string, value: string) => void (headers[name] = value),
        set: (name: string, value: string) => void (headers[name] = value),
      };
      const request = { headers: { authorization: `Bearer ${token}` } };
      const context = new ExecutionContextHost(
        [{}, {}, { req: request, res: response }, {}],
        Handlers,
        Handlers.prototype.sliding,
      );
      context.setType('graphql');
      await host.app.get(JwtAuthGuard).canActivate(context);
      await lastValueFrom(host.app.get(SlidingSessionInterceptor).intercept(context, answer('answered')));
      expect(headers).toMatchObject({ 'Cache-Control': 'no-store', 'Renewed-Access-Token': expect.any(String) });
    });

    it('answers as ever where the GraphQL context has no response', async () => {
      const token = await tokenOf();
      clock.advance('20m');
      expect(await slide('graphql', token)).toBe('answered');
    });
  });
});

describe('a demand that cannot be meant stops the start', () => {
  it.each<[() => unknown, RegExp]>([
    [() => RequireRecentAuth('5' as never), /^@RequireRecentAuth\(\) is '5'; it must be a duration with its unit/],
    [() => RequireRecentAuth(300 as never), /^@RequireRecentAuth\(\) is 300; it must be a duration with its unit/],
    [() => RequireRecentAuth('0s'), /^@RequireRecentAuth\(\) is '0s'/],
    [() => RequireRecentAuth('1500ms'), /^@RequireRecentAuth\(\) is '1500ms'/],
    [() => RequireRole(...([] as never as [string])), /^@RequireRole\(\) takes at least one name/],
    [() => RequireRole('admin', ''), /^@RequireRole\(\) takes at least one name/],
    [() => RequireRole(['admin'] as never), /^@RequireRole\(\) takes at least one name, each as a text of its own/],
    [
      () => RequireScope('cart:read cart:write'),
      /^@RequireScope\(\) takes at least one name, each as a text of its own/,
    ],
    [() => RequireScope('"'), /^@RequireScope\(\) takes at least one name/],
  ])('%s', (decorate, message) => {
    expect(decorate).toThrow(message);
  });
});

import type { ExecutionContext } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import {
  AccessTokenService,
  currentUser,
  JwtAuthGuard,
  OptionalAuth,
  Public,
  SessionService,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { startApp, type RunningApp } from '../support/adapters.js';
import { shopMetadata } from '../support/shop-host.js';

describe('the guard beyond HTTP', () => {
  class Handlers {
    guarded() {}
    @Public()
    open() {}
    @OptionalAuth()
    optional() {}
  }

  const clock = new TestClock();
  let host: RunningApp;
  let guard: JwtAuthGuard;
  let token: string;

  beforeAll(async () => {
    host = await startApp('express', shopMetadata(clock, []), { clock });
    guard = host.app.get(JwtAuthGuard);
  });
  beforeEach(async () => {
    token = (await host.app.get(SessionService).open({ sub: 'ann' })).accessToken;
  });
  afterAll(() => host.close());

  const contextOf = (type: string, args: unknown[], handler: keyof Handlers = 'guarded'): ExecutionContext => {
    const context = new ExecutionContextHost(args, Handlers, Handlers.prototype[handler]);
    context.setType(type);
    return context;
  };
  const outcome = async (context: ExecutionContext): Promise<unknown> => {
    try {
      return await guard.canActivate(context);
    } catch (error) {
      return error;
    }
  };
  const handshake = (authorization?: string) => ({ handshake: { headers: { authorization } } });
  const message = (error: unknown) => (error as { getError?: () => unknown }).getError?.();

  it('lets a socket in whose handshake carried a good token, and notes the user on the client', async () => {
    const context = contextOf('ws', [handshake(`Bearer ${token}`), {}]);
    expect(await outcome(context)).toBe(true);
    expect(currentUser(context)?.sub).toBe('ann');
  });

  it.each([
    ['no token', handshake(), 'token_missing'],
    ['a bad token', handshake('Bearer garbage'), 'token_invalid'],
    ['Bearer alone', handshake('Bearer'), 'invalid_request'],
    ['no handshake', {}, 'token_missing'],
  ])('tells a socket with %s why, in words that gateways understand', async (_story, client, code) => {
    const error = await outcome(contextOf('ws', [client, {}]));
    expect((error as Error).constructor.name).toBe('WsException');
    expect(message(error)).toMatchObject({ status: 'error', code });
  });

  it('notices that the token of a long-lived socket expires', async () => {
    const client = handshake(`Bearer ${token}`);
    expect(await outcome(contextOf('ws', [client, {}]))).toBe(true);
    clock.advance('30m');
    expect(message(await outcome(contextOf('ws', [client, {}])))).toMatchObject({ code: 'token_expired' });
  });

  it('reads the headers of NATS and Kafka, and the metadata of gRPC, of RPC messages', async () => {
    const carriers = [
      { getHeaders: () => new Map([['authorization', `Bearer ${token}`]]) },
      { getHeaders: () => ({ authorization: `Bearer ${token}` }) },
      { getHeaders: () => ({ authorization: Buffer.from(`Bearer ${token}`) }) },
      { getMap: () => ({ authorization: `Bearer ${token}` }) },
    ];
    for (const carrier of carriers) expect(await outcome(contextOf('rpc', [{}, carrier]))).toBe(true);
  });

  it.each([
    ['of a transport without headers', { getPattern: () => 'orders' }],
    ['without a token', { getHeaders: () => ({}) }],
  ])('refuses an RPC message %s, in words that microservices understand', async (_story, carrier) => {
    const error = await outcome(contextOf('rpc', [{}, carrier]));
    expect((error as Error).constructor.name).toBe('RpcException');
    expect(message(error)).toMatchObject({ status: 'error', code: 'token_missing' });
  });

  it('finds the request in the context of a GraphQL resolver', async () => {
    const request = { headers: { authorization: `Bearer ${token}` } };
    const context = contextOf('graphql', [{}, {}, { req: request }, {}]);
    expect(await outcome(context)).toBe(true);
    expect(currentUser(context)?.sub).toBe('ann');
    expect(await outcome(contextOf('graphql', [{}, {}, { req: { headers: {} } }, {}]))).toMatchObject({ status: 401 });
  });

  it('finds it where the resolver of a reference of a federation has it, which gets no arguments', async () => {
    const info = { fieldName: '_entities', parentType: { name: 'Query' } };
    const asked = (authorization?: string) =>
      contextOf('graphql', [{ __typename: 'User', id: '7' }, { req: { headers: { authorization } } }, info]);
    const context = asked(`Bearer ${token}`);
    expect(await outcome(context)).toBe(true);
    expect(currentUser(context)?.sub).toBe('ann');
    expect(await outcome(asked())).toMatchObject({ status: 401 });
  });

  it.each([
    ['an unknown kind of context', 'carrier-pigeon', [{ headers: {} }]],
    ['GraphQL without a request', 'graphql', [{}, {}, {}]],
    ['RPC without a context', 'rpc', [{}, undefined]],
  ])('fails closed for %s', async (_story, type, args) => {
    for (const handler of ['guarded', 'optional'] as const) {
      expect(await outcome(contextOf(type, args, handler))).toBeInstanceOf(Error);
    }
  });

  it('leaves public handlers open in every kind of context', async () => {
    for (const type of ['http', 'ws', 'rpc', 'graphql', 'carrier-pigeon']) {
      expect(await outcome(contextOf(type, [{}], 'open'))).toBe(true);
    }
  });

  it('takes the token out of an RPC payload also where nobody asks for one, so that no pipe and no log sees it', async () => {
    const payload = { page: 1, access_token: token };
    expect(await outcome(contextOf('rpc', [payload, { getPattern: () => 'orders' }], 'open'))).toBe(true);
    expect(payload).toEqual({ page: 1 });
  });

  it('verifies as the service does, which hosts may call by themselves', () => {
    expect(host.app.get(AccessTokenService).verify(token).sub).toBe('ann');
  });
});

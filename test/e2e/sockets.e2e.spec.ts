import { UseGuards } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import {
  AccessTokenService,
  AuthModule,
  CurrentSession,
  CurrentUser,
  generateKeys,
  JwtAuthGuard,
  OptionalAuth,
  RedisTokenRepositoryModule,
  RenewalService,
  RequireRole,
  SessionService,
  SocketSessions,
  type AuthSession,
  type IncomingRequest,
} from '../../src/index.js';
import { startApp, type RunningApp } from '../support/adapters.js';
import { ISSUER } from '../support/auth-library.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { openSocketIo, openWs, type Handshake, type TestSocket } from '../support/sockets.js';

@UseGuards(JwtAuthGuard)
@WebSocketGateway()
class ChatGateway implements OnGatewayConnection {
  readonly joined: string[] = [];
  session?: AuthSession;

  constructor(private readonly sockets: SocketSessions) {}

  async handleConnection(client: object, request?: IncomingRequest) {
    const session = await this.sockets.admit(this, client, request);
    if (!session) return;
    this.session = session;
    this.joined.push(session.sub);
  }

  @SubscribeMessage('who')
  who(@CurrentUser('sub') sub: string, @CurrentSession() session: AuthSession) {
    return { event: 'you', data: { sub, expires: session.expiresAt } };
  }

  @RequireRole('admin')
  @SubscribeMessage('close-shop')
  closeShop() {
    return { event: 'closed', data: {} };
  }
}
/** For administrators, from the handshake on. */
@RequireRole('admin')
@WebSocketGateway({ path: '/admin' })
class AdminGateway implements OnGatewayConnection {
  constructor(private readonly sockets: SocketSessions) {}

  handleConnection(client: object, request?: IncomingRequest) {
    return this.sockets.admit(this, client, request);
  }
}
@OptionalAuth()
@WebSocketGateway({ path: '/open' })
class OpenGateway implements OnGatewayConnection {
  constructor(private readonly sockets: SocketSessions) {}

  handleConnection(client: object, request?: IncomingRequest) {
    return this.sockets.admit(this, client, request);
  }

  @UseGuards(JwtAuthGuard)
  @SubscribeMessage('who')
  who(@CurrentUser('sub') sub?: string) {
    return { event: 'you', data: { sub: sub ?? 'nobody' } };
  }
}

const KINDS = {
  'socket.io': { open: openSocketIo, adapter: undefined, refused: (code: string, _status: number) => code },
  ws: { open: openWs, adapter: WsAdapter, refused: (code: string, status: number) => `${status} ${code}` },
};
const keys = generateKeys();
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(Object.entries(KINDS))('sockets of %s', (name, { open, adapter, refused }) => {
  const isWs = name === 'ws';
  const instances: { app: RunningApp; url: string }[] = [];
  const sockets: TestSocket[] = [];
  let sessions: SessionService;

  const start = async () => {
    const store = RedisTokenRepositoryModule.forRoot({ url: redis.url, keyPrefix: `${name}:` });
    const imports = [AuthModule.forRoot({ issuer: ISSUER, keys, store, sliding: { renewAfter: 0 } })];
    // socket.io tells gateways apart by namespaces and not by paths.
    const providers = [ChatGateway, ...(isWs ? [AdminGateway, OpenGateway] : [])];
    const configure = (app: RunningApp['app']) => adapter && app.useWebSocketAdapter(new adapter(app));
    const app = await startApp('express', { imports, providers }, { configure });
    return { app, url: await app.app.getUrl() };
  };
  beforeAll(async () => {
    instances.push(await start(), await start());
    sessions = instances[0]!.app.app.get(SessionService);
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.close()));
  afterAll(async () => {
    for (const { app } of instances) await app.close();
  });

  const connect = async (handshake: Handshake = {}, at = 0, path = ''): Promise<TestSocket> => {
    const socket = await open(`${instances[at]!.url}${path}`, handshake);
    sockets.push(socket);
    return socket;
  };
  const login = (sub: string, roles: string[] = []) => sessions.open({ sub, claims: { roles } });
  const gateway = (at = 0) => instances[at]!.app.app.get(ChatGateway);
  const ask = async (socket: TestSocket): Promise<Record<string, unknown>> => {
    const answer = socket.next('you');
    socket.send('who', {});
    return answer;
  };
  const isBound = (sub: string, at = 0) => eventually(() => gateway(at).joined.includes(sub));

  it('are let in by the token that a browser can send, and their messages know the user', async () => {
    const { accessToken } = await login('ann');
    const socket = await connect({ token: accessToken });
    expect(await ask(socket)).toMatchObject({ sub: 'ann' });
    await isBound('ann');
  });

  it('are let in by a header, which programs send', async () => {
    const { accessToken } = await login('bob');
    const socket = await connect({ headers: { authorization: `Bearer ${accessToken}` } });
    await isBound('bob');
    expect(await ask(socket)).toMatchObject({ sub: 'bob' });
  });

  it('are closed with the code where the token is bad', async () => {
    const socket = await connect({ token: 'garbage' });
    expect(await socket.closed).toBe(refused('token_invalid', 4401));
    expect(socket.got).toContainEqual([
      'exception',
      expect.objectContaining({ status: 'error', code: 'token_invalid' }),
    ]);
  });

  it('are told when one of their messages demands more, and stay open', async () => {
    const socket = await connect({ token: (await login('carl')).accessToken });
    await isBound('carl');
    const exception = socket.next('exception');
    socket.send('close-shop', {});
    expect(await exception).toMatchObject({ code: 'forbidden' });
    expect(await ask(socket)).toMatchObject({ sub: 'carl' });
  });

  it('of a session that is revoked on one instance are all closed on the other, with the reason, and no others', async () => {
    const [ended, other] = [await login('dora'), await login('dora')];
    const theirs = await Promise.all(Array.from({ length: 10 }, () => connect({ token: ended.accessToken }, 1)));
    const stays = await connect({ token: other.accessToken }, 1);
    for (const socket of [...theirs, stays]) await ask(socket);

    await sessions.revoke('dora', ended.sessionId);

    for (const socket of theirs) expect(await socket.closed).toBe(refused('session_revoked', 4401));
    expect(await ask(stays)).toMatchObject({ sub: 'dora' });
  });

  it('are closed when everything of their user is revoked, and when the claims of their token have changed', async () => {
    const socket = await connect({ token: (await login('emil')).accessToken }, 1);
    await ask(socket);
    await sessions.revokeAll('emil');
    expect(await socket.closed).toBe(refused('session_revoked', 4401));

    const raised = await connect({ token: (await login('fred', ['admin'])).accessToken }, 1);
    await ask(raised);
    await sessions.claimsChanged('fred', { claims: { roles: [] } });
    expect(await raised.closed).toBe(refused('token_expired', 4401));
  });

  it('tell the gateway by the signal of the session', async () => {
    const { accessToken, sessionId } = await login('gina');
    await connect({ token: accessToken });
    await isBound('gina');
    const { signal } = gateway().session!;
    expect(signal.aborted).toBe(false);
    await sessions.revoke('gina', sessionId);
    await eventually(() => signal.aborted);
    expect(signal.reason).toMatchObject({ code: 'session_revoked' });
  });

  it('take a fresh token while they are open, of the same session alone', async () => {
    const { accessToken } = await login('hugo');
    const socket = await connect({ token: accessToken });
    await isBound('hugo');
    const answered = socket.next('exception');
    socket.auth((await login('ivan')).accessToken);
    expect(await answered).toMatchObject({ code: 'forbidden' });

    const before = Number((await ask(socket)).expires);
    const fresh = await renewedAfter(accessToken);
    const extended = socket.next('auth');
    socket.auth(fresh);
    expect(Number((await extended).expires_at)).toBeGreaterThan(before);
    expect(Number((await ask(socket)).expires)).toBeGreaterThan(before);
  });

  /** Nothing is gained within the second of the login. */
  const renewedAfter = async (token: string): Promise<string> => {
    const { app } = instances[0]!.app;
    const renewals = app.get(RenewalService);
    const claims = app.get(AccessTokenService).verify(token);
    let fresh: string | undefined;
    await eventually(async () => {
      fresh = (await renewals.renewIfDue(claims, {}))?.accessToken;
      return fresh !== undefined;
    });
    return fresh!;
  };

  if (isWs) {
    it('give their token as the sub-protocol after bearer, and get no token back', async () => {
      const { accessToken } = await login('jane');
      const socket = await connect({ protocols: ['bearer', accessToken] });
      await isBound('jane');
      expect(await ask(socket)).toMatchObject({ sub: 'jane' });
    });

    it('may send a message behind the token at once', async () => {
      const { accessToken } = await login('kurt');
      const socket = await connect();
      socket.auth(accessToken);
      expect(await ask(socket)).toMatchObject({ sub: 'kurt' });
    });

    it('are refused what they ask before they have sent a token', async () => {
      const socket = await connect();
      const exception = socket.next('exception');
      socket.send('who', {});
      expect(await exception).toMatchObject({ code: 'token_missing' });
    });

    it('are refused at the handshake by what the gateway demands', async () => {
      const socket = await connect({ token: (await login('lena', ['buyer'])).accessToken }, 0, '/admin');
      expect(await socket.closed).toBe('4403 forbidden');
      const admin = await connect({ token: (await login('mona', ['admin'])).accessToken }, 0, '/admin');
      await sessions.revokeAll('mona');
      expect(await admin.closed).toBe('4401 session_revoked');
    });

    it('stay anonymous where the gateway lets in anybody', async () => {
      const socket = await connect({}, 0, '/open');
      const answer = socket.next('you');
      socket.send('who', {});
      expect(await answer).toEqual({ sub: 'nobody' });
    });
  } else {
    it('are closed at once without a token', async () => {
      expect(await (await connect()).closed).toBe('token_missing');
    });
  }
});

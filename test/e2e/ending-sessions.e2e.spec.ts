import { Inject, Injectable, Module, type Provider } from '@nestjs/common';
import {
  AuthError,
  AuthModule,
  InMemoryTokenRepository,
  SessionService,
  SubjectRevoker,
  TokenRepository,
  type AuthModuleOptions,
  type TokenGrant,
} from '../../src/index.js';
import { ADAPTERS, startApp, type AdapterName, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys, storeOf } from '../support/auth-library.js';
import { FaultyRepository } from '../support/faulty-repository.js';

/** The host's own generations, as its users table would have them. */
const generations = new Map<string, number>();
const loadSubject = (sub: string) => ({ claims: {}, generation: generations.get(sub) ?? 0 });

@Injectable()
class HostRevoker extends SubjectRevoker {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {
    super();
  }

  override async revokeAll(sub: string): Promise<void> {
    const generation = Math.max((generations.get(sub) ?? 0) + 1, Date.now());
    generations.set(sub, generation);
    await this.sessions.revokeAll(sub, generation);
  }
}

describe.each(ADAPTERS)('the routes that end sessions, in a host on %s', (adapter: AdapterName) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  async function start(options: Partial<AuthModuleOptions> = {}, providers: Provider[] = []) {
    @Module({ providers, exports: providers.length > 0 ? [SubjectRevoker] : [] })
    class HostModule {}
    const repository = new FaultyRepository(new InMemoryTokenRepository());
    const auth = AuthModule.forRootAsync({
      isGlobal: true,
      routes: { path: 'auth' },
      store: storeOf(repository),
      imports: [HostModule],
      useFactory: () => ({ issuer: ISSUER, keys, ...options }),
    });
    const app = await startApp(adapter, { imports: [HostModule, auth] });
    running.push(app);
    const sessions = app.app.get(SessionService, { strict: false });
    const open = (sub: string): Promise<TokenGrant> =>
      sessions.open({ sub, ...(options.loadSubject && { generation: generations.get(sub) ?? 0 }) });
    const codeOf = async (call: string, request: { token?: string; body?: unknown }): Promise<unknown> => {
      const answer = await app.ask(call, request);
      return answer.text === '' ? answer.status : (answer.json().code ?? answer.status);
    };
    /** What both tokens of a session are told. */
    const told = async ({ accessToken, refreshToken }: TokenGrant): Promise<unknown[]> => [
      await codeOf('GET /auth/sessions', { token: accessToken }),
      await codeOf('POST /auth/refresh', { body: { refresh_token: refreshToken } }),
    ];
    return {
      repository,
      open,
      codeOf,
      told,
      generationOf: (sub: string) => app.app.get(TokenRepository, { strict: false }).generationOf(sub),
    };
  }

  const ALIVE = [200, 200];
  const DEAD = ['session_revoked', 'session_revoked'];

  it('end one of the own by its id, and answer 404 for any other', async () => {
    const { open, codeOf, told, repository } = await start();
    const [here, there, foreign] = [await open('ann'), await open('ann'), await open('bob')];
    const end = (id: string) => codeOf(`DELETE /auth/sessions/${id}`, { token: here.accessToken });
    expect(await end(there.sessionId)).toBe(204);
    expect(await end(foreign.sessionId)).toBe('not_found');
    repository.calls.length = 0;
    for (const id of ['x', '*', '{x}', 'a:b', 'x'.repeat(90)])
      expect(await end(encodeURIComponent(id))).toBe('not_found');
    expect(repository.calls).toEqual([]);
    expect([await told(there), await told(here), await told(foreign)]).toEqual([DEAD, ALIVE, ALIVE]);
  });

  it('heal an ending that was cut off before it was announced, when it is asked again', async () => {
    const { open, codeOf, told, repository } = await start();
    const [here, there] = [await open('ann'), await open('ann')];
    const end = () => codeOf(`DELETE /auth/sessions/${there.sessionId}`, { token: here.accessToken });
    repository.next('end', async (run) => {
      await run();
      throw new AuthError('store_unavailable', 'Away.', { retryAfter: 1 });
    });
    expect(await end()).toBe('store_unavailable');
    expect(await end()).toBe(204);
    expect(await told(there)).toEqual(DEAD);
  });

  it('end the others', async () => {
    const { open, codeOf, told } = await start();
    const [here, there] = [await open('ann'), await open('ann')];
    expect(await codeOf('DELETE /auth/sessions', { token: here.accessToken })).toBe(204);
    expect([await told(here), await told(there)]).toEqual([ALIVE, DEAD]);
  });

  it.each([
    ['raising the generation in the store, where the host has none of its own', {}, [], 'raised'],
    [
      'asking the host, where it has provided a SubjectRevoker',
      { loadSubject },
      [HostRevoker, { provide: SubjectRevoker, useExisting: HostRevoker }],
      'raised',
    ],
    ['one by one, where only the host could raise its generation', { loadSubject }, [], 'as it was'],
  ] as const)('end all by %s; a login afterwards is none of them', async (_, options, providers, generation) => {
    const { open, codeOf, told, generationOf } = await start(options, [...providers]);
    const [here, there, foreign] = [await open('ann'), await open('ann'), await open('bob')];
    const before = await generationOf('ann');
    expect(await codeOf('POST /auth/logout-all', { token: here.accessToken })).toBe(204);
    const again = await open('ann');
    expect([await told(here), await told(there)]).toEqual([DEAD, DEAD]);
    expect([await told(again), await told(foreign)]).toEqual([ALIVE, ALIVE]);
    expect((await generationOf('ann')) > before ? 'raised' : 'as it was').toBe(generation);
  });

  it.each(['POST /auth/logout-all', 'DELETE /auth/sessions', 'DELETE /auth/sessions/x'])(
    '%s wants a bearer',
    async (call) => {
      const { codeOf } = await start();
      expect(await codeOf(call, {})).toBe('token_missing');
      expect(await codeOf(call, { token: 'garbage' })).toBe('token_invalid');
    },
  );
});

import { Controller, Get, Req } from '@nestjs/common';
import { ADAPTERS, startApp, type AdapterName } from '../../test/support/adapters.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { noteClaims, noteNobody, setUser, userOf } from './request-context.js';

const ANN = { sub: 'ann', sid: 'session-of-ann' } as AccessTokenClaims;

@Controller()
class NotesController {
  @Get('ann')
  noteAnn(@Req() request: { user?: unknown }) {
    setUser(request, ANN);
    const { user } = request;
    // As a guard of the host's does that runs after ours.
    request.user = { id: 7 };
    return { user, noted: userOf(request), ownSymbols: ownSymbolsOf(request) };
  }

  @Get('nobody')
  lookAtNobody(@Req() request: object) {
    return { noted: userOf(request) ?? null };
  }
}

const ownSymbolsOf = (request: object): string[] =>
  Object.getOwnPropertySymbols(request)
    .map(String)
    .filter((name) => name.includes('keyturn'));

type Middleware = (request: unknown, response: { locals: unknown }, next: () => void) => void;

it('leaves the user of an earlier message where it is until the next one is loaded', () => {
  const socket: { user?: unknown } = {};
  setUser(socket, ANN, { id: 7 });
  noteClaims(socket, { ...ANN, sid: 'renewed' });
  expect([socket.user, userOf(socket)?.sid]).toEqual([{ id: 7 }, 'renewed']);
});

it('knows nobody where a message came without a token, whoever a middleware has put there', () => {
  const request = { user: { sub: 'admin' } };
  expect(userOf(request)).toEqual({ sub: 'admin' });
  noteNobody(request);
  expect(userOf(request)).toBeUndefined();
});

describe('what is noted on a request', () => {
  const start = (adapter: AdapterName, middleware?: Middleware) =>
    startApp(
      adapter,
      { controllers: [NotesController] },
      { configure: (app) => void (middleware && app.use(middleware)) },
    );

  it.each(ADAPTERS)('stays when a guard of the host puts its own user there: %s', async (adapter) => {
    const { ask } = await start(adapter);
    expect((await ask('GET /ann')).json()).toMatchObject({ user: ANN, noted: ANN });
  });

  it.each(ADAPTERS)('is of one request alone: %s', async (adapter) => {
    const { ask } = await start(adapter);
    await ask('GET /ann');
    expect((await ask('GET /nobody')).json()).toEqual({ noted: null });
  });

  it('is of one request alone, also where an Express host has the same locals for all', async () => {
    const shared = {};
    const { ask } = await start('express', (_request, response, next) => {
      response.locals = shared;
      next();
    });
    expect((await ask('GET /ann')).json()).toMatchObject({ noted: ANN });
    expect((await ask('GET /nobody')).json()).toEqual({ noted: null });
  });

  it.each([
    ['frozen', Object.freeze({})],
    ['null', null],
    ['a text', 'locals'],
  ])('is kept where an Express host has locals that are %s', async (_case, locals) => {
    const { ask } = await start('express', (_request, response, next) => {
      response.locals = locals;
      next();
    });
    expect((await ask('GET /ann')).json()).toMatchObject({ user: ANN, noted: ANN });
  });

  it('adds no member to a request of Express but the user, since each costs V8 10 µs there', async () => {
    const { ask } = await start('express');
    expect((await ask('GET /ann')).json()).toMatchObject({ ownSymbols: [] });
  });
});

import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { ISSUER, keys } from '../../test/support/auth-library.js';
import { AuthModule } from '../auth.module.js';
import type { AuthEvent } from './auth.events.js';
import { InMemoryTokenRepositoryModule } from '../stores/memory/in-memory-token-repository.module.js';
import { SessionService } from '../sessions/session.service.js';

const quiet = () => undefined;
const heard: { by: string; event: AuthEvent }[] = [];

@Injectable()
class Listener {
  @OnEvent('keyturn.session.opened')
  opened(event: AuthEvent): void {
    heard.push({ by: 'name', event });
  }

  @OnEvent('keyturn.session.*')
  any(event: AuthEvent): void {
    heard.push({ by: 'wildcard', event });
  }

  @OnEvent('keyturn.session.ended')
  fails(): void {
    throw new Error('a fault of the host');
  }
}

describe('handing events to @nestjs/event-emitter', () => {
  const closing: (() => Promise<void>)[] = [];
  beforeEach(() => void (heard.length = 0));
  afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

  async function start(imports: NonNullable<ModuleMetadata['imports']>) {
    const auth = AuthModule.forRoot({ issuer: ISSUER, keys, store: InMemoryTokenRepositoryModule.forRoot() });
    const module = await Test.createTestingModule({ imports: [auth, ...imports], providers: [Listener] })
      .setLogger({ log: quiet, warn: quiet, error: quiet })
      .compile();
    await module.init();
    closing.push(() => module.close());
    return module.get(SessionService);
  }

  it('reaches @OnEvent by its name with keyturn. before it, where the host has imported the module', async () => {
    const sessions = await start([EventEmitterModule.forRoot()]);
    const { sessionId: sid } = await sessions.open({ sub: 'ann', requestId: 'r-1' });
    expect(heard).toEqual([
      { by: 'name', event: { type: 'session.opened', sub: 'ann', sid, clientId: 'default', requestId: 'r-1' } },
    ]);
  });

  it('reaches listeners of a part of the name', async () => {
    const sessions = await start([EventEmitterModule.forRoot({ wildcard: true })]);
    await sessions.open({ sub: 'ann' });
    expect(heard.map(({ by }) => by).toSorted()).toEqual(['name', 'wildcard']);
  });

  it('finds a module that is not global as well', async () => {
    const sessions = await start([EventEmitterModule.forRoot({ global: false })]);
    await sessions.open({ sub: 'ann' });
    expect(heard).toHaveLength(1);
  });

  it('does not fail a logout for a fault of the host', async () => {
    const sessions = await start([EventEmitterModule.forRoot()]);
    await expect(sessions.revoke('ann', 'any')).resolves.toBeUndefined();
  });

  it('is not there where the host has not asked for it, and nothing is missed', async () => {
    const sessions = await start([]);
    await sessions.open({ sub: 'ann' });
    expect(heard).toEqual([]);
  });
});

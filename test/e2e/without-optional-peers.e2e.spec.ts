import { Module } from '@nestjs/common';
import {
  AuthModule,
  InMemoryTokenRepositoryModule,
  RedisTokenRepositoryModule,
  SessionService,
} from '../../src/index.js';
import { ADAPTERS, startApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

// As in a host that has none of them: whoever asks for one gets what Node would throw.
const mockMissing = (name: string): never => {
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
};
jest.mock('@nestjs/swagger', () => mockMissing('@nestjs/swagger'));
jest.mock('class-validator', () => mockMissing('class-validator'));
let mockLookups = 0;
jest.mock('@opentelemetry/api', () => {
  mockLookups += 1;
  return mockMissing('@opentelemetry/api');
});
// No optional one, but one that an application without Redis must not load.
jest.mock('ioredis', () => mockMissing('ioredis'));
jest.mock('class-transformer', () => mockMissing('class-transformer'));

@Module({
  imports: [
    AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      store: InMemoryTokenRepositoryModule.forRoot(),
      routes: { path: 'auth' },
    }),
  ],
})
class HostModule {}

it.each(ADAPTERS)('the library starts and answers on %s where no optional package is installed', async (adapter) => {
  const host = await startApp(adapter, { imports: [HostModule] });
  const lookups = mockLookups;
  const { refreshToken } = await host.app.get(SessionService, { strict: false }).open({ sub: 'ann' });

  const answer = await host.ask('POST /auth/refresh', { body: { refresh_token: refreshToken } });
  const refused = await host.ask('POST /auth/refresh', { body: { refresh_token: 7, scope: 'all' } });

  expect([answer.status, refused.status]).toEqual([200, 400]);
  expect(refused.json().details).toHaveLength(2);
  // At the start of each application, and by no request.
  expect([lookups, mockLookups]).toEqual([ADAPTERS.indexOf(adapter) + 1, lookups]);
  await host.close();
});

it('a store on Redis without ioredis ends the start with the package to install', async () => {
  const store = RedisTokenRepositoryModule.forRoot({ url: 'redis://127.0.0.1:1' });
  const started = startApp('express', { imports: [AuthModule.forRoot({ issuer: ISSUER, keys, store })] });
  await expect(started).rejects.toThrow('npm install ioredis');
});

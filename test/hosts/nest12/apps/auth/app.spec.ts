import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthClock, generateKeys } from 'keyturn';
import { TestClock } from 'keyturn/testing';
import { AppModule } from './app.module.js';

describe('the auth service, in its own Vitest', () => {
  let app: INestApplication | undefined;
  afterEach(() => app?.close());

  it('logs in and refreshes', async () => {
    process.env.AUTH_KEYS = JSON.stringify(generateKeys());
    const clock = new TestClock();
    const module = await Test.createTestingModule({ imports: [AppModule.on(clock.store())] })
      .overrideProvider(AuthClock)
      .useValue(clock.authClock)
      .compile();
    app = module.createNestApplication();
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const post = (path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const login = (await (await post('/login', { name: 'ann' })).json()) as Record<string, string>;
    clock.advance('16m');
    expect((await post('/auth/refresh', { refresh_token: login.refresh_token })).status).toBe(200);
    expect((await post('/auth/refresh', { refresh_token: 'garbage' })).status).toBe(401);
  });
});

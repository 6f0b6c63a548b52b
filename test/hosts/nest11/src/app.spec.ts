import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthClock, generateKeys } from 'keyturn';
import { TestClock } from 'keyturn/testing';
import type { AddressInfo } from 'node:net';
import { AppModule } from './app.module';

describe('the shop, in its own Jest', () => {
  let app: INestApplication | undefined;
  afterEach(() => app?.close());

  it('logs in, guards, slides and refreshes', async () => {
    process.env.AUTH_KEYS = JSON.stringify(generateKeys());
    const clock = new TestClock();
    const module = await Test.createTestingModule({ imports: [AppModule.on(clock.store())] })
      .overrideProvider(AuthClock)
      .useValue(clock.authClock)
      .compile();
    app = module.createNestApplication();
    await app.listen(0, '127.0.0.1');
    const url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    const post = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    const login = (await (await post('/login', { name: 'ann' })).json()) as Record<string, string>;
    const bearer = { authorization: `Bearer ${login.access_token}` };
    clock.advance('16m');
    const added = await post('/cart/items', {}, bearer);
    expect(await added.json()).toEqual({ addedFor: 'ann' });
    expect(added.headers.get('renewed-access-token')).toMatch(/^ey/);
    expect((await fetch(`${url}/cart`)).status).toBe(401);
    expect((await post('/auth/refresh', { refresh_token: login.refresh_token })).status).toBe(200);
  });
});

import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { generateKeys, RedisTokenRepositoryModule } from 'keyturn';
import { KeyturnTestingModule, signedIn } from 'keyturn/testing';
import { AppModule } from './app.module';

describe('the kit, in the Jest of Nest 11', () => {
  let app: INestApplication | undefined;
  afterEach(() => app?.close());

  it('replaces Redis, signs a user in, and lets time pass', async () => {
    process.env.AUTH_KEYS = JSON.stringify(generateKeys());
    const store = RedisTokenRepositoryModule.forRoot({ url: 'redis://redis.invalid:6379' });
    const builder = Test.createTestingModule({ imports: [AppModule.on(store)] });
    const keyturn = KeyturnTestingModule.replaceStore(builder);
    app = (await builder.compile()).createNestApplication();
    await app.listen(0, '127.0.0.1');
    const { headers } = await signedIn(app, { sub: 'ada' });
    const sessions = async () => (await fetch(`${await app!.getUrl()}/auth/sessions`, { headers })).status;
    expect(await sessions()).toBe(200);
    keyturn.advance('31m');
    expect(await sessions()).toBe(401);
  });
});

import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import {
  AuthModule,
  CurrentUser,
  InMemoryTokenRepositoryModule,
  JwtAuthGuard,
  ResourceServerModule,
  SessionService,
  type AuthUser,
} from '../../src/index.js';
import { resourceServerKeys, TestClock } from '../../src/testing/index.js';
import { ADAPTERS, startApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

/** Another issuer, whose tokens a part of the application takes. */
const partner = resourceServerKeys();

const auth = AuthModule.forRoot({
  issuer: ISSUER,
  keys,
  store: InMemoryTokenRepositoryModule.forRoot(),
  sliding: { on: 'all', renewAfter: 0 },
});

@UseGuards(JwtAuthGuard)
@Controller('cart')
class CartController {
  @Get()
  view(@CurrentUser() { iss }: AuthUser) {
    return iss;
  }
}

@Module({ imports: [auth], controllers: [CartController] })
class ShopModule {}

@UseGuards(JwtAuthGuard)
@Controller('partners')
class PartnersController extends CartController {}

@Module({ imports: [ResourceServerModule.forRoot(partner.options)], controllers: [PartnersController] })
class PartnersModule {}

describe.each(ADAPTERS)('an application that takes tokens of another issuer in one part, on %s', (adapter) => {
  it('renews its own tokens alone, everywhere: one in place of a foreign token would name a user of another issuer', async () => {
    const clock = new TestClock(Date.now());
    const { app, ask, close } = await startApp(adapter, { imports: [ShopModule, PartnersModule] }, { clock });
    const { accessToken: token } = await app.get(SessionService, { strict: false }).open({ sub: 'ann' });
    const headers = partner.headers({ sub: 'ann', claims: { renew_until: Math.floor(clock.now() / 1000) + 7200 } });
    clock.advance('1m');

    const [own, foreign] = [await ask('GET /cart', { token }), await ask('GET /partners', { headers })];

    expect([own.text, own.headers['renewed-access-token']]).toEqual([ISSUER, expect.any(String)]);
    expect([foreign.text, foreign.headers['renewed-access-token']]).toEqual([partner.options.issuer, undefined]);
    expect((await ask('GET /cart', { headers })).status).toBe(401);
    await close();
  });
});

import { Controller, Get } from '@nestjs/common';
import { CurrentUser, LegacyTokens, SessionService } from '../../src/index.js';
import { startShop } from '../support/shop-host.js';
import { WayBackController } from './back-out.js';
import { formerLogin } from './by-hand.js';
import { FormerAuthService } from './former-auth.service.js';
import { FormerClient } from './former-clients.js';

@Controller('probe')
class ProbeController {
  @Get()
  probe(@CurrentUser('sub') sub: string) {
    return { sub };
  }
}

describe('back out of Keyturn', () => {
  const secrets = { access: 'the former secret of access tokens', refresh: 'the former secret of refresh tokens' };

  /** A host on its way back, and a client that was moved before. */
  async function host() {
    // By the clock of the host, which stands still: on a busy machine its start takes longer than the clocks may differ.
    const former: FormerAuthService = new FormerAuthService(secrets, undefined, () => shop.clock.now());
    const providers = [{ provide: FormerAuthService, useValue: former }];
    const shop = await startShop('express', { legacy: formerLogin(secrets, 0) }, [WayBackController, ProbeController], {
      providers,
    });
    const url = await shop.app.getUrl();
    const sessions = shop.app.get(SessionService);
    const { accessToken, refreshToken } = await sessions.open({ sub: '7', claims: { roles: ['buyer'] } });
    const client = new FormerClient(7, { accessToken, refreshToken: refreshToken! });
    return { ...shop, url, former, client, sessions, tokens: shop.app.get(LegacyTokens) };
  }

  it('gives who was moved tokens of the former login, also when the first answers were lost', async () => {
    const { url, client, former } = await host();
    await client.refresh(url, 2);

    expect(client.loggedOut).toBeUndefined();
    expect(former.jwt.verify(client.tokens.refreshToken, { secret: secrets.refresh })).toMatchObject({ sub: 7 });
    expect(await client.probes(url)).toEqual([200, 200]);
  });

  it('gives them hours later as well to who has lost an answer', async () => {
    const { url, client, clock } = await host();
    const moved = client.tokens;
    await client.refresh(url);
    clock.advance('5h');
    const late = new FormerClient(7, moved);
    await late.refresh(url);

    expect(late.loggedOut).toBeUndefined();
  });

  it('gives nothing for the old copy after a logout', async () => {
    const { url, client } = await host();
    await client.refresh(url);
    await client.logout(url);

    expect(await client.isRevived(url)).toBe(false);
  });
});

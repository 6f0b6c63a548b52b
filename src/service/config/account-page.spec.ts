import { readServiceConfig } from './service.config.js';

const PAGE = { ACCOUNT_PAGE: 'true' };
const WEB = '{"web":{"transport":"cookie"},"phone":{}}';

describe('the client of the account page', () => {
  it('is none without the page, so that nobody gets cookies by a default', () => {
    const { accountClient, auth } = readServiceConfig({});
    expect(accountClient).toBeUndefined();
    expect(auth.clients).toBeUndefined();
  });

  it('is a client of its own where the operator has none with cookies, whose cookies have its name', () => {
    const { accountClient, auth } = readServiceConfig({ ...PAGE, AUTH_CLIENTS: '{"phone":{"accessTtl":"5m"}}' });
    expect(accountClient).toEqual({ id: 'account', isShared: false });
    expect(auth.clients).toEqual({ phone: { accessTtl: '5m' }, account: { transport: 'cookie' } });
    expect(auth.cookies).toMatchObject({ prefix: 'account_' });
  });

  it('leaves a prefix as the operator has set it, who knows what else is on the host', () => {
    expect(readServiceConfig({ ...PAGE, COOKIE_PREFIX: 'shop_' }).auth.cookies).toMatchObject({ prefix: 'shop_' });
  });

  it.each([
    ['the first one with cookies', WEB, 'web'],
    ['one that is called account', '{"web":{"transport":"cookie"},"account":{"transport":"cookie"}}', 'account'],
  ])("is the operator's where there is one: %s", (_which, AUTH_CLIENTS, id) => {
    const { accountClient, auth } = readServiceConfig({ ...PAGE, AUTH_CLIENTS, COOKIE_INSECURE: 'true' });
    expect(accountClient).toEqual({ id, isShared: true });
    // Its cookies are those of the operator's pages, so nothing of them changes.
    expect(auth.clients).toEqual(JSON.parse(AUTH_CLIENTS));
    expect(auth.cookies).toEqual({ insecure: true });
  });

  it('refuses a client account of the operator that has no cookies, because its meaning would change', () => {
    expect(() => readServiceConfig({ ...PAGE, AUTH_CLIENTS: '{"account":{}}' })).toThrow(
      /^AUTH_CLIENTS\.account\.transport is not 'cookie', and ACCOUNT_PAGE=true signs in as this client: write/,
    );
  });

  it.each<[string, Record<string, string>, boolean]>([
    ['plain http in development, where browsers drop others', {}, true],
    ['https in development', { AUTH_ISSUER: 'https://auth.shop.example' }, false],
    ['plain http where the operator says otherwise', { COOKIE_INSECURE: 'false' }, false],
  ])('has insecure cookies only on %s', (_where, env, insecure) => {
    expect(readServiceConfig({ ...PAGE, ...env }).auth.cookies).toMatchObject({ insecure });
  });

  const FIT = {
    ...PAGE,
    NODE_ENV: 'production',
    AUTH_ISSUER: 'https://auth.shop.example',
    DATABASE_URL: 'postgres://keyturn:hunter2@db/keyturn',
    REDIS_URL: 'redis://:hunter2@cache',
    AUTH_KEYS: '{}',
  };
  it('has secure cookies in production, and counts for its rules like any client with cookies', () => {
    expect(readServiceConfig(FIT).auth.cookies).toMatchObject({ insecure: false });
    const plain = { ...FIT, AUTH_ISSUER: 'http://auth.shop.example', ALLOW_IN_PRODUCTION: 'http-issuer' };
    expect(() => readServiceConfig(plain)).toThrow(/cookies would be used by pages without TLS/);
  });
});

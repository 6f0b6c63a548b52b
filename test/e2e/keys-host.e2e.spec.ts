import { AuthConfigError, generateKey, generateKeys, KeyRing } from '../../src/index.js';
import type { KeyPurpose } from '../../src/internal.js';
import { TestClock } from '../../src/testing/index.js';
import { ADAPTERS, readToken, type AdapterName, type RunningApp } from '../support/adapters.js';
import { startShop } from '../support/shop-host.js';

const MINUTE = 60_000;
const kidOf = (token: string) => readToken(token, 0).kid;

describe.each(ADAPTERS)('keys that change while a host runs, on %s', (adapter: AdapterName) => {
  const running: RunningApp[] = [];
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  const keys = generateKeys();
  const [old, refreshKey] = keys.keys;
  const time = (minutes: number) => new Date(new TestClock().now() + minutes * MINUTE).toISOString();
  const keyFrom = (purpose: KeyPurpose, minutes: number) => ({ ...generateKey(purpose), use_from: time(minutes) });

  async function start() {
    const shop = await startShop(adapter, { keys, routes: { path: 'auth' } });
    running.push(shop);
    const told = async (token: string) => {
      const answer = await shop.ask('GET /shop/cart', { token });
      return answer.status === 200 ? 'ok' : answer.json().code;
    };
    const published = async () =>
      (await shop.ask('GET /.well-known/jwks.json')).json<{ keys: { kid: string }[] }>().keys.map(({ kid }) => kid);
    return { ...shop, told, published, ring: shop.app.get(KeyRing) };
  }

  it('publishes a new key before it signs, signs with it from its time on, and drops the old one at its end', async () => {
    const { ring, clock, login, told, published } = await start();
    const before = await login();
    const next = keyFrom('access', 10);
    ring.replace({ keys: [{ ...old!, retire_at: time(20) }, refreshKey!, next] });
    expect(await published()).toEqual([old!.kid, next.kid]);
    expect(kidOf(await login())).toBe(old!.kid);
    clock.advance('11m');
    const after = await login();
    expect([kidOf(before), kidOf(after)]).toEqual([old!.kid, next.kid]);
    expect([await told(before), await told(after)]).toEqual(['ok', 'ok']);
    clock.advance('10m');
    expect(await published()).toEqual([next.kid]);
    // Not token_invalid, which would make its client log in: the session is as good as before.
    expect([await told(before), await told(after)]).toEqual(['token_expired', 'ok']);
  });

  it('refuses a token of a removed key at once, though it was verified a moment ago', async () => {
    const { ring, login, told } = await start();
    const token = await login();
    expect([await told(token), await told(token)]).toEqual(['ok', 'ok']);
    ring.replace({ keys: [generateKey('access'), refreshKey!] });
    expect(await told(token)).toBe('token_invalid');
    expect(await told(await login())).toBe('ok');
  });

  it('refuses a token at the retirement of its key, though it was verified a moment ago', async () => {
    const { ring, clock, login, told } = await start();
    ring.replace({ keys: [{ ...old!, retire_at: time(5) }, refreshKey!, keyFrom('access', 1)] });
    const token = await login();
    expect([await told(token), await told(token)]).toEqual(['ok', 'ok']);
    clock.advance('6m');
    expect(await told(token)).toBe('token_expired');
  });

  it('goes on with the present keys when the newer ones cannot be used', async () => {
    const { ring, login, told } = await start();
    const token = await login();
    expect(() => ring.replace({ keys: [old!] })).toThrow(AuthConfigError);
    expect([await told(token), await told(await login())]).toEqual(['ok', 'ok']);
  });

  it('does not start with keys of which none signs yet', async () => {
    const [early, later] = [keyFrom('access', 60), generateKey('refresh')];
    await expect(startShop(adapter, { keys: { keys: [early, later] } })).rejects.toThrow(/no access key is in use/);
  });
});

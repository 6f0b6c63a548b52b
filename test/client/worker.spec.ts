import { browser } from '../../src/client/browser.js';
import { eventually } from '../support/eventually.js';
import { openStorage, useClientHost } from './client-sessions.js';

const { host, sessions } = useClientHost();
const put = (name: 'location' | 'BroadcastChannel', value: unknown) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

describe('a session in a worker, which has no document', () => {
  const { BroadcastChannel } = browser;
  beforeEach(() => put('location', { href: `${host.url}/worker.js` }));
  afterEach(() => {
    put('location', undefined);
    put('BroadcastChannel', BroadcastChannel);
  });

  it('hears of the logins and logouts of pages, and so sends nothing as the user before', async () => {
    const { storage } = openStorage();
    const [page, worker] = [sessions.make({ storage }), sessions.make({ storage })];
    expect(await worker.accessToken()).toBeUndefined();
    await page.login(sessions.credentials);
    await eventually(() => worker.state === 'in');
    expect(await worker.accessToken()).toBe(await page.accessToken());
    await page.logout();
    await eventually(() => worker.state === 'out');
  });

  it('goes on without messages where the browser forbids them, as Firefox does when it blocks all cookies', async () => {
    put(
      'BroadcastChannel',
      class {
        constructor() {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        }
      },
    );
    const session = await sessions.login();
    expect((await session.fetch('/shop/cart')).status).toBe(200);
  });
});

import { eventually } from '../support/eventually.js';
import type { Fault } from '../../src/lab/fault-proxy.js';
import { startCache, startNext, type SharedCache } from './processes.js';
import { Visitor } from './visitor.js';
import { SECRETS, startWorld, watch, type World } from './world.js';

let world: World;
let cache: SharedCache;
beforeAll(async () => {
  world = await startWorld();
  cache = await startCache(world.next.url);
}, 600_000);
afterAll(() => world?.proxy.stop());

beforeEach(() => (world.proxy.exchanges.length = 0));
afterEach(() => (world.proxy.fault = () => undefined));

const { refreshes, presented, successors, callShop, untilOver } = watch(() => world);
const isOver = ({ tokens }: Visitor) => untilOver(tokens);
const signedIn = (name = 'ada', url = world.next.url) => new Visitor(url).signIn(name);
const copyOf = (visitor: Visitor) => Object.assign(new Visitor(world.next.url), { cookie: visitor.cookie });
/** A request that no middleware sees. */
const PREFETCH = { 'next-router-prefetch': '1' };

describe('the example in Next.js', () => {
  it('middleware, three components and an action that refresh at the same moment get one successor', async () => {
    const visitor = await signedIn();
    const page = await visitor.get('/');
    expect(page.text).toContain('Signed in as Ada');
    const before = visitor.tokens;
    await isOver(visitor);
    world.proxy.exchanges.length = 0;

    // One by the middleware, three by components and one by an action, which no middleware helps; none is answered
    // before all have asked.
    const release = eventually(() => refreshes().length === 5);
    world.proxy.fault = ({ path }): Fault | undefined =>
      path === '/auth/refresh' ? { kind: 'hold', release } : undefined;
    const [byMiddleware, byComponents, byAction] = [copyOf(visitor), copyOf(visitor), copyOf(visitor)];
    const pages = await Promise.all([
      byMiddleware.get('/'),
      byComponents.get('/', PREFETCH),
      byAction.press('Add a teapot', page, {}, PREFETCH),
    ]);

    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { text } of pages) expect(text).toContain('Signed in as Ada');
    expect(pages[2].text).toContain('1 × teapot');
    expect(refreshes().map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(presented())).toEqual(new Set([before.refresh]));
    const [successor, ...others] = new Set(successors());
    expect(others).toEqual([]);
    // The proxy and the action stored it; the components cannot store.
    expect([byMiddleware, byAction, byComponents].map(({ tokens }) => tokens.refresh)).toEqual([
      successor,
      successor,
      before.refresh,
    ]);
    expect((await byMiddleware.get('/')).text).toContain('Signed in as Ada');
  });

  it('the components of a page use the tokens that the middleware has just got', async () => {
    const visitor = await signedIn();
    await isOver(visitor);
    world.proxy.exchanges.length = 0;
    expect((await visitor.get('/')).text).toContain('Signed in as Ada');
    expect(refreshes()).toHaveLength(1);
    const calls = ['/cart', '/drafts/teapot', '/auth/sessions'].flatMap((path) => world.proxy.seen(path));
    expect(calls.map(({ headers, status }) => [headers.authorization, status])).toEqual(
      Array.from({ length: 3 }, () => [`Bearer ${visitor.tokens.access}`, 200]),
    );
  });

  it('lives through answers of refresh that are lost on the way to it, and on the way from it', async () => {
    const visitor = await signedIn();
    await isOver(visitor);
    world.proxy.exchanges.length = 0;
    world.proxy.fault = ({ path }) =>
      path === '/auth/refresh' && refreshes().length <= 2 ? { kind: 'lose-answer' } : undefined;
    // The browser has gone away before the page came.
    expect((await copyOf(visitor).get('/')).text).toContain('Signed in as Ada');
    expect((await visitor.get('/')).text).toContain('Signed in as Ada');
    expect(refreshes().length).toBeGreaterThanOrEqual(4);
    expect(new Set(successors())).toEqual(new Set([visitor.tokens.refresh]));
    await isOver(visitor);
    expect((await visitor.get('/')).text).toContain('Signed in as Ada');
  });

  it('keeps the tokens of its visitors while the shop is away', async () => {
    const visitor = await signedIn();
    const before = visitor.cookie;
    await isOver(visitor);
    world.proxy.fault = () => ({ kind: 'answer', status: 503, headers: { 'retry-after': '60' } });
    expect((await visitor.get('/')).status).toBe(500);
    expect(visitor.cookie).toBe(before);
    world.proxy.fault = () => undefined;
    expect((await visitor.get('/')).text).toContain('Signed in as Ada');
  });

  it('components that no middleware helps refresh with the token of the cookie again and again, never with a new one', async () => {
    const visitor = await signedIn();
    const { cookie, tokens } = visitor;
    await isOver(visitor);
    world.proxy.exchanges.length = 0;
    for (const _ of [1, 2]) {
      const { text, headers } = await visitor.get('/', PREFETCH);
      expect(text).toContain('Signed in as Ada');
      expect(headers.getSetCookie()).toEqual([]);
    }
    expect(visitor.cookie).toBe(cookie);
    expect(refreshes()).toHaveLength(6);
    expect(new Set(presented())).toEqual(new Set([tokens.refresh]));
    expect(new Set(successors()).size).toBe(1);
  });

  it('believes no header of the client about who it is, whether a middleware runs or not', async () => {
    const [ada, grace] = [await signedIn('ada'), await signedIn('grace')];
    const cookie = `keyturn-session=${grace.cookie}`;
    const forged = {
      'x-keyturn-session': decodeURIComponent(grace.cookie!),
      'x-middleware-set-cookie': cookie,
      'x-middleware-override-headers': 'cookie',
      'x-middleware-request-cookie': cookie,
      'x-middleware-next': '1',
      'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy',
    };
    for (const visitor of [ada, new Visitor(world.next.url)]) {
      for (const more of [{}, PREFETCH]) {
        const { text } = await visitor.get('/', { ...forged, ...more });
        expect(text.includes('Signed in as Ada')).toBe(visitor === ada);
        expect(text).not.toContain('Grace');
      }
    }
  });

  it('does not refresh for files', async () => {
    const visitor = await signedIn();
    const [, script] = /src="(\/_next\/static\/[^"]+)"/.exec((await visitor.get('/')).text)!;
    await isOver(visitor);
    world.proxy.exchanges.length = 0;
    for (const path of [script!, '/icon.svg']) {
      const { status, headers } = await visitor.get(path);
      expect([status, headers.getSetCookie()]).toEqual([200, []]);
    }
    expect(world.proxy.exchanges).toEqual([]);
  });

  it('a logout wins over the refresh of its own request', async () => {
    const visitor = await signedIn();
    const page = await visitor.get('/');
    await isOver(visitor);
    const { headers } = await visitor.press('Sign out', page);
    expect(headers.get('location')).toBe('/login');
    expect(visitor.cookie).toBeUndefined();
    const answer = await callShop('/auth/refresh', { refresh_token: successors().at(-1) });
    expect(await answer.json()).toMatchObject({ code: 'session_revoked' });
  });
});

describe('a shared cache in front of the example', () => {
  it('gives nobody the page or the tokens of somebody else', async () => {
    const [ada, grace] = [await signedIn('ada', cache.url), await signedIn('grace', cache.url)];
    for (const visitor of [ada, grace]) await isOver(visitor);
    for (const path of ['/?shared', '/about?shared']) {
      const [hers, ours, nobodys] = [
        await ada.get(path),
        await grace.get(path),
        await new Visitor(cache.url).get(path),
      ];
      expect([hers, ours].map(({ headers }) => headers.get('x-cache'))).toEqual(['MISS', 'MISS']);
      expect(ours.text).not.toContain('Ada');
      expect(nobodys.text).not.toMatch(/Ada|Grace/);
      expect(nobodys.headers.getSetCookie()).toEqual([]);
      for (const visitor of [ada, grace]) await isOver(visitor);
    }
    expect(ada.tokens.sid).not.toBe(grace.tokens.sid);
    expect((await ada.get('/')).text).toContain('Signed in as Ada');
    expect((await grace.get('/')).text).toContain('Signed in as Grace');
  });

  it('says so on the answer itself, wherever it sets the cookie', async () => {
    const visitor = await signedIn();
    for (const path of ['/', '/about']) {
      await isOver(visitor);
      const { headers } = await visitor.get(path);
      expect(headers.getSetCookie()).toHaveLength(1);
      expect(headers.get('cache-control')).toMatch(/private.*no-store/);
    }
  });

  it('still keeps what is the same for everybody', async () => {
    const anybody = new Visitor(cache.url);
    await anybody.get('/about?kept');
    expect((await anybody.get('/about?kept')).headers.get('x-cache')).toBe('HIT');
  });

  it('would give away tokens without the header: a cache that does not look at it does', async () => {
    const ada = await signedIn('ada', cache.carelessUrl);
    await isOver(ada);
    await ada.get('/about?careless');
    const nobody = new Visitor(cache.carelessUrl);
    await nobody.get('/about?careless');
    expect(nobody.tokens).toEqual(ada.tokens);
  });
});

describe('the secrets of the example', () => {
  const second = 'another secret of the test, 32 characters';
  const startWith = async (own: Readonly<Record<string, string>>) => {
    await world.next.kill();
    world.next = await startNext(world.proxy.url, own);
  };

  it('are changed one after the other while people stay signed in', async () => {
    const ada = await signedIn();
    const goesOn = async (by: string) => {
      await isOver(ada);
      const page = await copyOf(ada).get('/');
      expect(page.text).toContain('Signed in as Ada');
      // Once more, as after an answer that was lost.
      const again = copyOf(ada);
      await again.get('/');
      ada.cookie = again.cookie;
      expect(ada.tokens.by).toBe(by);
    };
    await goesOn('first');
    await startWith({ second, ...SECRETS });
    await goesOn('second');
    await startWith({ second });
    await goesOn('second');
    await startWith(SECRETS);
  });

  it('are needed in production: it does not start without', async () => {
    await expect(startNext(world.proxy.url, undefined)).rejects.toThrow(/ended.*"code":1[^]*Set SESSION_SECRETS/);
  });
});

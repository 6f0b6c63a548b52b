import {
  InMemoryTokenRepository,
  RedisTokenRepositoryModule,
  RevocationFeed,
  type TokenGrant,
} from '../../src/index.js';
import { SessionEndings } from '../../src/sessions/session-endings.js';
import { InProcessRevocationFeed } from '../../src/stores/memory/in-process-revocation-feed.js';
import { codeOf, storeOf, startInstance } from '../support/auth-library.js';
import { eventually } from '../support/eventually.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

/** How a thief, or somebody with nothing but a dead token, might erase what the owner is told, or fill store and log. */
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Two instances on one store: in memory they share it, as two modules of one process do. */
const STORES: Readonly<
  Record<string, () => [store: () => ReturnType<typeof storeOf>, published: () => Promise<number>]>
> = {
  'in memory': () => {
    const [repository, feed] = [new InMemoryTokenRepository(), new InProcessRevocationFeed()];
    let published = 0;
    const publish = feed.publish.bind(feed);
    const counting: RevocationFeed['publish'] = (entries) => ((published += entries.length), publish(entries));
    Object.assign(feed, { publish: counting });
    return [() => storeOf(repository, feed), async () => published];
  },
  'in Redis': () => [
    () => RedisTokenRepositoryModule.forRoot({ url: redis.url, commandTimeout: '5s' }),
    async () => {
      const entries = await redis.client.xrange('kt:feed', '-', '+');
      return entries.filter(([, [field]]) => field === 'e').length;
    },
  ],
};

async function instance(store: ReturnType<typeof storeOf>) {
  const started = await startInstance({ store, grace: '0s' });
  open.push(started.close);
  return { ...started, ended: () => started.events.filter(({ type }) => type === 'session.ended').length };
}

describe.each(Object.keys(STORES))('sessions %s, over two instances', (where) => {
  let here: Awaited<ReturnType<typeof instance>>;
  let there: Awaited<ReturnType<typeof instance>>;
  let published: () => Promise<number>;
  let grant: TokenGrant;
  const sub = 'ann';

  beforeEach(async () => {
    const [store, count] = STORES[where]!();
    published = count;
    [here, there] = [await instance(store()), await instance(store())];
    grant = await here.sessions.open({ sub });
  });

  async function alarm(): Promise<TokenGrant> {
    const second = await here.rotation.refresh(grant.refreshToken!);
    const last = await here.rotation.refresh(second.refreshToken!);
    expect(await here.refresh(grant)).toBe('token_reused');
    await eventually(() => there.guard(last) === 'token_reused');
    return last;
  }

  it('a thief who logs out with the stolen token does not erase the alarm that he set off', async () => {
    const last = await alarm();
    for (const at of [here, there]) await at.sessions.revoke(sub, grant.sessionId);
    for (const at of [here, there]) {
      expect([at.guard(last), await at.refresh(last)]).toEqual(['token_reused', 'token_reused']);
      expect((await at.repository.find(sub, grant.sessionId)).ended).toBe('token_reused');
    }
  });

  it('nor does he on an instance that starts later, nor by ending everything of the user', async () => {
    const last = await alarm();
    await there.sessions.revoke(sub, grant.sessionId);
    await there.sessions.revokeAll(sub);
    if (where === 'in Redis') {
      const late = await instance(STORES[where]!()[0]());
      expect([late.guard(last), await late.refresh(last)]).toEqual(['token_reused', 'token_reused']);
    }
    expect([here.guard(last), there.guard(last)]).toEqual(['token_reused', 'token_reused']);
  });

  it('a logout does not rename the end of a session that made room for another one', async () => {
    await here.repository.end(sub, [grant.sessionId], 'session_replaced', 60_000);
    await here.sessions.revoke(sub, grant.sessionId);
    expect((await here.repository.find(sub, grant.sessionId)).ended).toBe('session_replaced');
  });

  it('an alarm outdoes a logout that came a moment before it on another instance', async () => {
    await there.sessions.revoke(sub, grant.sessionId);
    await eventually(() => here.guard(grant) !== null);
    const endings = here.module.get(SessionEndings);
    await endings.end(sub, [grant.sessionId], 'token_reused');
    await eventually(() => there.guard(grant) === 'token_reused');
    expect((await there.repository.find(sub, grant.sessionId)).ended).toBe('token_reused');
  });

  it('logouts with one dead token add nothing to feed and log, on whichever instance they come', async () => {
    await here.sessions.revoke(sub, grant.sessionId);
    await eventually(() => there.guard(grant) !== null);
    const before = await published();
    for (let i = 0; i < 100; i += 1) await (i % 2 ? here : there).sessions.revoke(sub, grant.sessionId);
    for (let i = 0; i < 20; i += 1) expect(await here.refresh(grant)).toBe('session_revoked');
    expect(await published()).toBe(before);
    expect(before).toBe(1);
    expect([here.ended(), there.ended()]).toEqual([1, 0]);
  });

  it('a logout from all that is repeated adds nothing either, and tells of no second end', async () => {
    await here.sessions.revokeAll(sub, 1_000);
    const [before, events] = [await published(), here.events.length];
    for (let i = 0; i < 20; i += 1) await here.sessions.revokeAll(sub, 1_000);
    expect([await published(), here.events.length]).toEqual([before, events]);
  });

  it('an end that failed on the way is told and announced when it is repeated', async () => {
    const publish = jest.spyOn(here.module.get(RevocationFeed, { strict: false }), 'publish');
    publish.mockRejectedValueOnce(Object.assign(new Error('away'), { code: 'store_unavailable' }));
    expect(await codeOf(here.sessions.revoke(sub, grant.sessionId))).toBe('store_unavailable');
    expect(here.ended()).toBe(0);
    await here.sessions.revoke(sub, grant.sessionId);
    expect(here.ended()).toBe(1);
    expect(here.guard(grant)).toBe('session_revoked');
    await eventually(() => there.guard(grant) === 'session_revoked');
  });
});

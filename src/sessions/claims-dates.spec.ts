import { readToken } from '../../test/support/adapters.js';
import { codeOf, startLibrary } from '../../test/support/auth-library.js';
import type { AuthModuleOptions } from '../options/options.js';

/** Claims that nobody has declared in `RegisteredClaims`. */
const own = (claims: object): object => claims;

/** Ann's session in tenant a, and what a guard says of a token. */
async function inTenantA(loadSubject: NonNullable<AuthModuleOptions['loadSubject']>) {
  const library = await startLibrary({ loadSubject });
  const { clock, sessions, revocations } = library;
  await library.init();
  const first = await sessions.open({ sub: 'ann', generation: 0, claims: own({ tenant: 'a' }) });
  clock.advance('10s');
  /** Milliseconds pass while the work is done: a token of changed claims waits for some. */
  const ticking = async <T>(work: Promise<T>): Promise<T> => {
    const timer = setInterval(() => clock.advance('1ms'), 1);
    return work.finally(() => clearInterval(timer));
  };
  const setTenant = (tenant: string) => sessions.setClaims('ann', first.sessionId, own({ tenant }));
  const refused = ({ accessToken }: { accessToken: string }) => revocations.check(readToken(accessToken) as never);
  return { ...library, first, ticking, setTenant, refused };
}

const ofTenant: AuthModuleOptions['loadSubject'] = (_sub, session) => ({
  claims: { roles: [`buyer in ${String(session.sessionClaims.tenant)}`] },
  generation: 0,
});
const ofUser = () => ({ claims: { roles: ['buyer'] }, generation: 0 });

describe('claims of a session that are set while', () => {
  it.each(['refresh', 'reissue'] as const)('a %s reads them outdate the token that it makes', async (call) => {
    const { rotation, sessions, store, repository, clock, first } = await inTenantA(ofTenant);
    let at = 0;
    repository.next('find', async (run) => {
      const found = await run();
      // Another instance sets them while the answer of the store is on its way, and the feed has not told of it.
      clock.advance('1s');
      ({ at } = await store.setSessionClaims({ sub: 'ann', sid: first.sessionId, claims: { tenant: 'b' } }));
      clock.advance('1s');
      return found;
    });
    const made = await (call === 'refresh'
      ? rotation.refresh(first.refreshToken!)
      : sessions.reissue(readToken(first.accessToken) as never));
    const token = readToken(made.accessToken);
    expect(token).toMatchObject({ tenant: 'a', roles: ['buyer in a'] });
    expect(token.claims_at).toBeLessThanOrEqual(at);
  });

  it('another call sets them are not in a token that is taken for one of the later call', async () => {
    const { feed, ticking, setTenant, refused } = await inTenantA(ofUser);
    const publish = feed.publish.bind(feed);
    let second: Promise<{ accessToken: string }> | undefined;
    feed.publish = async (entries) => {
      await publish(entries);
      // The answer to the first is on its way while the second runs.
      if (!second) await (second = setTenant('c'));
    };
    const one = await ticking(setTenant('b'));
    expect([readToken(one.accessToken).tenant, refused(one)]).toEqual(['b', 'claims_outdated']);
    expect([readToken((await second!).accessToken).tenant, refused(await second!)]).toEqual(['c', null]);
  });
});

describe('claims of a session that are set', () => {
  it('change nothing where they are too large beside what loadSubject says: the session goes on', async () => {
    const large = { claims: { x: 'y'.repeat(600) }, generation: 0 };
    const { sessions, rotation, first, refused } = await inTenantA(() => large);
    const work = sessions.setClaims('ann', first.sessionId, own({ z: 'y'.repeat(600) }));
    expect(await codeOf(work)).toBe('claims_too_large');
    expect(refused(first)).toBeNull();
    expect(readToken((await rotation.refresh(first.refreshToken!)).accessToken).tenant).toBe('a');
  });

  it('come with what loadSubject says of the user after a change that it was asked before', async () => {
    const user = { roles: ['admin'] };
    const { sessions, store, clock, ticking, setTenant, refused } = await inTenantA(() => ({
      claims: { ...user },
      generation: 0,
    }));
    const set = store.setSessionClaims.bind(store);
    store.setSessionClaims = async (command) => {
      user.roles = ['buyer'];
      await sessions.claimsChanged('ann');
      clock.advance('1s');
      return set(command);
    };
    const made = await ticking(setTenant('b'));
    expect(readToken(made.accessToken)).toMatchObject({ tenant: 'b', roles: ['buyer'] });
    expect(refused(made)).toBeNull();
  });
});

import { codeOf, startLibrary, type Library } from '../../test/support/auth-library.js';

describe('open streams: what ends with its session', () => {
  let library: Library;
  beforeEach(async () => {
    library = await startLibrary({ sliding: { renewAfter: 0 } });
    await library.init();
  });
  afterEach(() => library.streams.onApplicationShutdown());

  const login = async (sub = 'ann', more: object = {}) => {
    const grant = await library.sessions.open({ sub, ...more });
    return { ...grant, claims: library.tokens.verify(grant.accessToken) };
  };

  it('ten thousand idle ones have one timer together, so that a server can keep them', async () => {
    const { claims } = await login();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    try {
      for (let count = 0; count < 10_000; count++) library.streams.of({}, claims);
      expect(timers).toHaveBeenCalledTimes(1);
    } finally {
      timers.mockRestore();
    }
  });

  it('one owner has one stream, whatever asks for it', async () => {
    const { claims } = await login();
    const owner = {};
    expect(library.streams.of(owner, claims)).toBe(library.streams.of(owner, claims));
    expect(library.streams.of({}, claims)).not.toBe(library.streams.of(owner, claims));
  });

  it('ends with its session and not with another of the same user', async () => {
    const [first, second] = [await login(), await login()];
    const streams = [first, second].map(({ claims }) => library.streams.of({}, claims));
    await library.sessions.revoke('ann', first.sessionId);
    expect(streams.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(streams[0]!.signal.reason).toMatchObject({ code: 'session_revoked' });
  });

  it("ends with the sessions of who acts for the user, since the token dies with the actor's", async () => {
    const actor = await login('supporter');
    const acting = await login('ann', { act: { sub: 'supporter', generation: actor.claims.gen } });
    const { signal } = library.streams.of({}, acting.claims);
    await library.sessions.revokeAll('supporter');
    expect(signal.reason).toMatchObject({ code: 'session_revoked' });
  });

  it('has ended already where the token is over or revoked when it is opened', async () => {
    const [revoked, expired] = [await login(), await login('bob')];
    await library.sessions.revoke('ann', revoked.sessionId);
    expect(library.streams.of({}, revoked.claims).signal.reason).toMatchObject({ code: 'session_revoked' });
    library.clock.advance('1h');
    expect(library.streams.of({}, expired.claims).signal.reason).toMatchObject({ code: 'token_expired' });
  });

  it('ends when its token expires', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    try {
      const { claims } = await login();
      const { signal } = library.streams.of({}, claims);
      library.clock.advance('29m');
      jest.advanceTimersByTime(2_000);
      expect(signal.aborted).toBe(false);
      library.clock.advance('1m');
      jest.advanceTimersByTime(2_000);
      expect(signal.reason).toMatchObject({ code: 'token_expired' });
    } finally {
      jest.useRealTimers();
    }
  });

  it('is forgotten when its owner is gone, and then nothing fires', async () => {
    const { claims, sessionId } = await login();
    let gone: () => void = () => undefined;
    const { signal } = library.streams.of({}, claims, (forget) => (gone = forget));
    gone();
    await library.sessions.revoke('ann', sessionId);
    expect(signal.aborted).toBe(false);
  });

  it('goes on with a fresh token, beyond the end of the old one', async () => {
    const { claims, refreshToken } = await login();
    const stream = library.streams.of({}, claims);
    library.clock.advance('20m');
    const { accessToken } = await library.rotation.refresh(refreshToken!);
    await stream.refresh(accessToken);
    expect(stream.claims.exp).toBeGreaterThan(claims.exp);
    library.clock.advance('15m');
    expect(library.streams.of({}, stream.claims).signal.aborted).toBe(false);
    expect(stream.signal.aborted).toBe(false);
  });

  it('is not shortened by an older token that comes late', async () => {
    const { claims, accessToken, refreshToken } = await login();
    const stream = library.streams.of({}, claims);
    library.clock.advance('20m');
    await stream.refresh((await library.rotation.refresh(refreshToken!)).accessToken);
    const { exp } = stream.claims;
    await stream.refresh(accessToken);
    expect(stream.claims.exp).toBe(exp);
  });

  it.each<[string, (own: Awaited<ReturnType<typeof login>>) => Promise<string>, string]>([
    ['garbage', async () => 'garbage', 'token_invalid'],
    ['of another session', async () => (await login()).accessToken, 'forbidden'],
    ['of another user', async () => (await login('bob')).accessToken, 'forbidden'],
    ['that is over', async ({ accessToken }) => (library.clock.advance('1h'), accessToken), 'token_expired'],
    [
      'of a session that has ended',
      async ({ accessToken, sessionId }) => (await library.sessions.revoke('ann', sessionId), accessToken),
      'session_revoked',
    ],
  ])('takes no token %s', async (_story, tokenOf, code) => {
    const own = await login();
    const stream = library.streams.of({}, own.claims);
    expect(await codeOf(stream.refresh(await tokenOf(own)))).toBe(code);
  });
});

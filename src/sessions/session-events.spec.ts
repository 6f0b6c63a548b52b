import { readToken } from '../../test/support/adapters.js';
import { codeOf, startLibrary, type Library } from '../../test/support/auth-library.js';
import { AuthError } from '../auth.errors.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';

const info = { requestId: 'r-1', device: { ip: '203.0.113.7', userAgent: 'app' } };
const told = { requestId: 'r-1', ip: '203.0.113.7', userAgent: 'app' };
const claimsOf = (token: string) => readToken(token) as unknown as AccessTokenClaims;

describe('events tell which request it was', () => {
  let library: Library;
  let sid: string;
  beforeEach(async () => {
    library = await startLibrary();
    sid = (await library.sessions.open({ sub: 'ann' })).sessionId;
    library.events.length = 0;
  });

  it('that logged in', async () => {
    const { sessions, events } = library;
    const grant = await sessions.open({ sub: 'ann', ...info });
    const opened = { type: 'session.opened', sub: 'ann', sid: grant.sessionId, clientId: 'default' };
    expect(events).toEqual([{ ...opened, ...told }]);
  });

  it('that refreshed, and that was replayed', async () => {
    const { sessions, rotation, events } = library;
    const { refreshToken } = await sessions.open({ sub: 'ann' });
    events.length = 0;
    await rotation.refresh(refreshToken!, info);
    await rotation.refresh(refreshToken!, { ...info, requestId: 'r-2' });
    expect(events).toEqual([
      expect.objectContaining({ type: 'token.refreshed', ...told }),
      expect.objectContaining({ type: 'token.replayed', ...told, requestId: 'r-2' }),
    ]);
  });

  it('that logged out, here or on the other devices', async () => {
    const { sessions, events } = library;
    const other = (await sessions.open({ sub: 'ann' })).sessionId;
    events.length = 0;
    await sessions.revokeOthers('ann', sid, info);
    expect((await sessions.list('ann')).map((session) => session.sid)).toEqual([sid]);
    await sessions.revoke('ann', sid, info);
    const ended = { type: 'session.ended', sub: 'ann', reason: 'session_revoked', ...told };
    expect(events).toEqual([
      { ...ended, sid: other },
      { ...ended, sid },
    ]);
  });

  it('that needed room for a new login', async () => {
    const { sessions, events } = await startLibrary({ maxSessionsPerSubject: 1 });
    await sessions.open({ sub: 'ann' });
    await sessions.open({ sub: 'ann', ...info });
    expect(events[1]).toMatchObject({ type: 'session.ended', reason: 'session_replaced', ...told });
  });

  it('that revoked all of a subject, and then what was open', async () => {
    const { sessions, events, clock } = library;
    await sessions.revokeAll('ann', undefined, info);
    expect(events).toEqual([
      { type: 'subject.revoked', sub: 'ann', generation: clock.now(), ...told },
      { type: 'session.ended', sub: 'ann', sid, reason: 'session_revoked', ...told },
    ]);
  });

  it('that changed the claims', async () => {
    const { sessions, events } = await startLibrary({ loadSubject: () => ({ claims: {}, generation: 0 }) });
    await sessions.claimsChanged('ann', info);
    expect(events).toEqual([{ type: 'claims.changed', sub: 'ann', ...told }]);
  });
});

describe('a renewed access token', () => {
  it('is told of, whether the client asked or an answer carried it', async () => {
    const { sessions, renewals, clock, events } = await startLibrary();
    const { accessToken, sessionId: sid } = await sessions.open({ sub: 'ann' });
    clock.advance('15m');
    events.length = 0;
    await renewals.renew(claimsOf(accessToken), info);
    void renewals.renewIfDue(claimsOf(accessToken), { info });
    const renewed = { type: 'token.renewed', sub: 'ann', sid, clientId: 'default', ...told };
    expect(events).toEqual([renewed, renewed]);
  });

  it('is not told of when it was not due', async () => {
    const { sessions, renewals, events } = await startLibrary();
    const { accessToken } = await sessions.open({ sub: 'ann' });
    events.length = 0;
    await expect(renewals.renew(claimsOf(accessToken), info)).rejects.toThrow('can be renewed in');
    expect(renewals.renewIfDue(claimsOf(accessToken), { info })).toBeUndefined();
    expect(events).toEqual([]);
  });
});

describe('nothing is told of what did not happen', () => {
  it('when the store fails', async () => {
    const { sessions, repository, events } = await startLibrary();
    await sessions.open({ sub: 'ann' });
    events.length = 0;
    const away = () => Promise.reject(new AuthError('store_unavailable', 'Away.'));
    repository.next('end', away);
    repository.next('endBelow', away);
    expect(await codeOf(sessions.revoke('ann', 'any', info))).toBe('store_unavailable');
    expect(await codeOf(sessions.revokeAll('ann', undefined, info))).toBe('store_unavailable');
    expect(events).toEqual([]);
  });
});

it('a logout from all that is repeated after a failure tells of the sessions that the first call has ended, once', async () => {
  const { sessions, feed, events, init } = await startLibrary();
  await init();
  const { sessionId: sid } = await sessions.open({ sub: 'ann' });
  events.length = 0;
  jest.spyOn(feed, 'publish').mockRejectedValueOnce(new AuthError('store_unavailable', 'away'));
  expect(await codeOf(sessions.revokeAll('ann', 7))).toBe('store_unavailable');
  expect(events).toEqual([]);
  for (let calls = 0; calls < 2; calls++) await sessions.revokeAll('ann', 7);
  expect(events).toEqual([
    { type: 'subject.revoked', sub: 'ann', generation: 7 },
    { type: 'session.ended', sub: 'ann', sid, reason: 'session_revoked' },
  ]);
});

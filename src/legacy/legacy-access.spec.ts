import { Test } from '@nestjs/testing';
import { codeOf, ISSUER, keys, startLibrary } from '../../test/support/auth-library.js';
import { FormerLogin } from '../../test/support/former-login.js';
import { AuthConfigError, AuthError } from '../auth.errors.js';
import { AuthModule } from '../auth.module.js';
import type { ReadLegacyToken } from '../options/legacy-options.js';
import type { AuthModuleOptions } from '../options/options.js';
import { SessionService } from '../sessions/session.service.js';
import { isLegacy } from '../tokens/legacy-claims.js';
import { LegacyAccessTokens } from './legacy-access.js';

const MONTH = 30 * 86_400;

/** A library that accepts access tokens of a former login, which lived for a month. */
async function accepting(options: Partial<AuthModuleOptions> = {}) {
  const former = new FormerLogin();
  const library = await startLibrary({
    legacy: { accessTokens: { verify: former.verifyAccess, until: '2026-06-01T00:00:00Z' } },
    ...options,
  });
  await library.init();
  const issuedAt = Math.floor(library.clock.now() / 1000) - 3600;
  const token = former.login('ann', { issuedAt, accessLife: MONTH }).accessToken;
  return { ...library, former, issuedAt, token };
}

/** What the guard would say: `admitted`, `not asked`, or the code of the refusal. */
async function verdict({ legacyAccess }: Awaited<ReturnType<typeof accepting>>, token: string) {
  const asked = legacyAccess.claimsOf(token);
  if (!asked) return 'not asked';
  const code = await codeOf(asked);
  return code === 'none' ? 'admitted' : code;
}

describe('an access token of the former login', () => {
  it('has the claims that one of ours would have, and is marked', async () => {
    const library = await accepting();
    const claims = await library.legacyAccess.claimsOf(library.token);

    expect(claims).toMatchObject({ sub: 'ann', roles: ['buyer'], client_id: 'default', auth_time: library.issuedAt });
    expect(isLegacy(claims!)).toBe(true);
    expect(isLegacy({ ...claims })).toBe(false);
    expect(Object.isFrozen(claims)).toBe(true);
  });

  it('stays dead after a password change when the feed has long forgotten it', async () => {
    const library = await accepting();
    await library.sessions.revokeAll('ann');
    library.clock.advance('20d');

    expect(await verdict(library, library.token)).toBe('session_revoked');
  });

  it('stays dead after its logout when the reason of the end is forgotten', async () => {
    const library = await accepting();
    await library.legacy.end(library.token);
    library.clock.advance('20d');

    expect(await verdict(library, library.token)).toBe('session_revoked');
  });

  it('closes the sockets that it has opened, when its user logs out everywhere', async () => {
    const loadSubject = () => ({ claims: {}, generation: 1 });
    const library = await accepting({ loadSubject });
    const claims = await library.legacyAccess.claimsOf(library.token);
    const { signal } = library.streams.of({}, claims!);
    await library.endings.endAll('ann', 'session_revoked');

    expect(signal.reason).toMatchObject({ code: 'session_revoked' });
  });

  it('dies with the other devices of its user', async () => {
    const library = await accepting();
    const here = await library.sessions.open({ sub: 'ann' });
    await library.sessions.revokeOthers('ann', here.sessionId);

    expect(await verdict(library, library.token)).toBe('session_revoked');
  });

  it('leaves the tokens of other users alone', async () => {
    const library = await accepting();
    await library.sessions.revokeAll('bob');
    await library.sessions.revokeAll('ann ');

    expect(await verdict(library, library.token)).toBe('admitted');
  });

  it('is to be refreshed after a change of roles', async () => {
    const library = await accepting();
    await library.sessions.claimsChanged('ann', { claims: { roles: [] } });
    library.clock.advance('20d');

    expect(await verdict(library, library.token)).toBe('token_expired');
  });

  it('is refused by 503 while the store is away, since nobody knows whether it was ended', async () => {
    const library = await accepting();
    library.repository.next('find', () => Promise.reject(new AuthError('store_unavailable', 'away')));

    expect(await verdict(library, library.token)).toBe('store_unavailable');
  });

  it('is not asked for after `until`, nor where it says that it is ours', async () => {
    const library = await accepting();
    const { accessToken } = await library.sessions.open({ sub: 'ann' });
    expect(await verdict(library, accessToken)).toBe('not asked');

    library.clock.advance('100d');
    expect(await verdict(library, library.token)).toBe('not asked');
  });

  it('must not give claims that only Keyturn sets', async () => {
    const verify = () => ({ sub: 'ann', claims: { auth_time: 1 } as object });
    const library = await accepting({ legacy: { accessTokens: { verify, until: '2026-06-01T00:00:00Z' } } });

    await expect(library.legacyAccess.claimsOf('any')).rejects.toThrow(AuthConfigError);
  });
});

describe('an access token of the former login where no sessions are kept', () => {
  const issuedAt = Math.floor(Date.now() / 1000) - 3600;

  async function recordless(verify: ReadLegacyToken) {
    const legacy = { accessTokens: { verify, until: '2099-01-01T00:00:00Z' } };
    const auth = AuthModule.forRoot({ issuer: ISSUER, keys, strategy: 'access', accessTtl: '12h', legacy });
    const module = await Test.createTestingModule({ imports: [auth] }).compile();
    await module.init();
    return { access: module.get(LegacyAccessTokens), sessions: module.get(SessionService) };
  }

  it('counts no longer than one of ours, because the feed forgets then', async () => {
    const { access } = await recordless(() => ({ sub: 'ann', issuedAt, expiresAt: issuedAt + MONTH }));

    expect((await access.claimsOf('any'))!.exp).toBe(issuedAt + 12 * 3600);
  });

  it('is dead after a password change', async () => {
    const { access, sessions } = await recordless(() => ({ sub: 'ann', issuedAt }));
    await sessions.revokeAll('ann');

    expect(await codeOf(access.claimsOf('any')!)).toBe('session_revoked');
  });

  it('must say when it was issued', async () => {
    const { access } = await recordless(() => ({ sub: 'ann' }));

    await expect(access.claimsOf('any')).rejects.toThrow('must give issuedAt');
  });
});

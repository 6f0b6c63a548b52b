import { readToken } from '../../test/support/adapters.js';
import { codeOf, ISSUER, keys, startLibrary, storeOf } from '../../test/support/auth-library.js';
import { FormerLogin } from '../../test/support/former-login.js';
import { UnauthorizedException, type DynamicModule } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthError } from '../auth.errors.js';
import { AuthModule } from '../auth.module.js';
import { generateKey } from '../tokens/generate-keys.js';
import type { AuthModuleOptions } from '../options/options.js';
import { LegacyTokens } from './legacy-tokens.js';

const KEY = 'b7e23ec2-9d3c-4f0e-8a51-0d1c6b2f7e94';

interface Options extends Partial<AuthModuleOptions> {
  readonly share?: number;
}

/** A library that takes over a former login, whose tokens were issued an hour ago. */
async function moving({ share = 1, ...options }: Options & { readonly store?: DynamicModule } = {}) {
  const former = new FormerLogin();
  const ofHost = options.loadSubject && { generation: 1 };
  const redeem = (token: string) => ({ ...former.verifyRefresh(token), ...ofHost });
  const library = await startLibrary({
    legacy: {
      accessTokens: { verify: former.verifyAccess, until: '2027-01-01T00:00:00Z' },
      refreshTokens: { redeem, share, until: '2027-01-01T00:00:00Z' },
    },
    ...options,
  });
  await library.init();
  const issuedAt = Math.floor(library.clock.now() / 1000) - 3600;
  const t0 = former.login('ann', { issuedAt });
  return { ...library, former, issuedAt, t0 };
}

type Moving = Awaited<ReturnType<typeof moving>>;

const refresh = ({ legacy }: Moving, token: string, idempotencyKey?: string) =>
  legacy.refresh(token, { idempotencyKey });

it('cannot be refreshed where the strategy keeps no sessions, and that is said', async () => {
  const imports = [AuthModule.forRoot({ issuer: ISSUER, keys, strategy: 'access' })];
  const module = await Test.createTestingModule({ imports }).compile();
  await expect(module.get(LegacyTokens).refresh('x')).rejects.toThrow('keep no sessions');
});

describe('a refresh token of the former login', () => {
  it('is redeemed for a session of its user, with what the token says and no more', async () => {
    const library = await moving();
    const grant = await refresh(library, library.t0.refreshToken);

    const claims = readToken(grant!.accessToken);
    expect(claims).toMatchObject({ sub: 'ann', roles: ['buyer'], auth_time: library.issuedAt });
    expect(await codeOf(library.rotation.refresh(grant!.refreshToken!))).toBe('none');
  });

  it('has no login of now where the token does not say when it was, in every store', async () => {
    const library = await moving();
    const token = library.former.login('ann', { issuedAt: library.issuedAt, authTime: null }).refreshToken;

    expect(readToken((await refresh(library, token))!.accessToken)).toMatchObject({ auth_time: 0 });
  });

  it('does not bring back roles that were taken away since it was issued', async () => {
    const library = await moving();
    await library.sessions.claimsChanged('ann', { claims: { roles: [] } });
    library.clock.advance('1h');
    const grant = await refresh(library, library.t0.refreshToken);
    expect(readToken(grant!.accessToken).roles).toEqual([]);
    expect(readToken((await library.rotation.refresh(grant!.refreshToken!)).accessToken).roles).toEqual([]);
  });

  it('gives the same successor when the answer was lost', async () => {
    const library = await moving();
    const [first, second] = [
      await refresh(library, library.t0.refreshToken),
      await refresh(library, library.t0.refreshToken),
    ];

    expect(second!.refreshToken).toBe(first!.refreshToken);
    expect((await library.sessions.list('ann')).length).toBe(1);
  });

  it('gives it hours later as well by the same Idempotency-Key, until the successor was used', async () => {
    const library = await moving();
    const first = await refresh(library, library.t0.refreshToken, KEY);
    library.clock.advance('3h');
    const late = await refresh(library, library.t0.refreshToken, KEY);
    expect(late!.refreshToken).toBe(first!.refreshToken);

    await library.rotation.refresh(late!.refreshToken!);
    expect(await codeOf(refresh(library, library.t0.refreshToken, KEY))).toBe('token_reused');
  });

  it('is a reuse when it comes after the grace time, and ends what it was redeemed for', async () => {
    const library = await moving();
    const grant = await refresh(library, library.t0.refreshToken);
    library.clock.advance('31s');

    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('token_reused');
    expect(await codeOf(library.rotation.refresh(grant!.refreshToken!))).toBe('token_reused');
    expect(library.events.map(({ type }) => type)).toContain('token.reused');
  });

  it.each(['logout of its session', 'logout with the old token'])('never comes back after a %s', async (story) => {
    const library = await moving({ endedRetention: '0s' });
    const grant = await refresh(library, library.t0.refreshToken);
    if (story.endsWith('session')) await library.sessions.revoke('ann', grant!.sessionId);
    else await library.legacy.end(library.t0.refreshToken);

    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('session_ended');
    expect(await library.sessions.list('ann')).toEqual([]);
  });

  it('never comes back after a logout with it before it was redeemed', async () => {
    const library = await moving({ endedRetention: '0s' });
    await library.legacy.end(library.t0.refreshToken);

    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('session_ended');
  });

  it('is dead after a password change, and one that was issued after it is not', async () => {
    const library = await moving();
    await library.sessions.revokeAll('ann');
    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('session_revoked');

    library.clock.advance('1s');
    const later = library.former.login('ann', { issuedAt: Math.floor(library.clock.now() / 1000) });
    expect(await codeOf(refresh(library, later.refreshToken))).toBe('none');
  });

  it('is moved by a share of the users, and who was moved stays so when it is lowered', async () => {
    const users = Array.from({ length: 200 }, (_, index) => `user-${index}`);
    const library = await moving({ share: 0.3 });
    const tokens = users.map((sub) => library.former.login(sub, { issuedAt: library.issuedAt }).refreshToken);
    const first = await Promise.all(tokens.map((token) => refresh(library, token)));
    const moved = tokens.filter((_, index) => first[index]);
    expect(moved.length).toBeGreaterThan(30);
    expect(moved.length).toBeLessThan(90);

    const store = storeOf(library.store);
    const lowered = await moving({ share: 0, store });
    const again = await Promise.allSettled(tokens.map((token) => refresh(lowered, token)));
    expect(again.map((one) => one.status === 'fulfilled' && one.value?.refreshToken)).toEqual(
      first.map((grant) => grant?.refreshToken),
    );

    const raised = await moving({ share: 1, store });
    const all = await Promise.all(tokens.map((token) => refresh(raised, token)));
    expect(all.filter((grant) => grant === null)).toEqual([]);
  });

  it('is dead when it was issued in the second of the password change, since nobody can tell which came first', async () => {
    const library = await moving();
    const sameSecond = library.former.login('ann', { issuedAt: Math.floor(library.clock.now() / 1000) });
    await library.sessions.revokeAll('ann');

    expect(await codeOf(refresh(library, sameSecond.refreshToken))).toBe('session_revoked');
  });

  it('opens nothing when it was redeemed and logged out while a second request was on its way', async () => {
    const library = await moving();
    library.repository.next('open', async (run) => {
      const first = await refresh(library, library.t0.refreshToken);
      await library.sessions.revoke('ann', first!.sessionId);
      return run();
    });

    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('session_revoked');
    expect(await library.sessions.list('ann')).toEqual([]);
  });

  it.each(['with a generation of the store', 'with one of the host'])(
    'opens nothing when all devices are logged out while it is redeemed, %s',
    async (story) => {
      const ofHost = story.endsWith('host');
      const library = await moving(ofHost ? { loadSubject: () => ({ claims: {}, generation: 1 }) } : {});
      library.repository.next('open', async (run) => {
        if (ofHost) await library.endings.endAll('ann', 'session_revoked');
        else await library.sessions.revokeAll('ann');
        return run();
      });

      expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('session_revoked');
      expect(await library.sessions.list('ann')).toEqual([]);
    },
  );

  it('is no theft when the store opened its session and did not say so, however late the client comes again', async () => {
    const library = await moving();
    library.repository.next('open', async (run) => {
      await run();
      throw new AuthError('store_unavailable', 'lost');
    });
    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('store_unavailable');
    library.clock.advance('2m');

    expect(await codeOf(refresh(library, library.t0.refreshToken))).toBe('none');
    expect(library.events.map(({ type }) => type)).not.toContain('token.reused');
  });

  it('names the same session after the key that signs was replaced by a new one', async () => {
    const library = await moving();
    const first = await refresh(library, library.t0.refreshToken);
    const ring = library.keyRing;
    const [access, old] = [keys.keys.filter(({ purpose }) => purpose === 'access'), generateKey('refresh')];
    ring.replace({ keys: [...access, ...keys.keys.filter(({ purpose }) => purpose === 'refresh'), old] });

    expect((await refresh(library, library.t0.refreshToken))!.sessionId).toBe(first!.sessionId);
  });

  it.each([
    ['the database of the host is away', () => new Error('connection refused'), 'store_unavailable'],
    ['jsonwebtoken refuses it', () => Object.assign(new Error(), { name: 'JsonWebTokenError' }), 'token_invalid'],
    ['jose refuses it', () => Object.assign(new Error(), { code: 'ERR_JWS_INVALID' }), 'token_invalid'],
    ['Nest would answer 401', () => new UnauthorizedException(), 'token_invalid'],
    ['it is over', () => Object.assign(new Error(), { name: 'TokenExpiredError' }), 'session_ended'],
  ])('keeps its client logged in unless it is bad: %s', async (_, fault, code) => {
    const redeem = () => Promise.reject(fault());
    const library = await startLibrary({ legacy: { refreshTokens: { redeem, until: '2027-01-01T00:00:00Z' } } });
    const { refreshToken } = new FormerLogin().login('ann', { issuedAt: 1 });

    expect(await codeOf(library.legacy.refresh(refreshToken))).toBe(code);
  });
});

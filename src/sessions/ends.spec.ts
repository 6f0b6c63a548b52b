import { Test } from '@nestjs/testing';
import {
  AccessTokenService,
  AuthClock,
  AuthError,
  AuthModule,
  generateKeys,
  RefreshRotationService,
  RenewalService,
  SessionService,
  type SessionMode,
  type TokenGrant,
} from '../index.js';
import type { Duration } from '../options/durations.js';
import { TestClock } from '../testing/index.js';

const keys = generateKeys();
const DAY = 86_400;

/** A generator of numbers from 0 to 1 that gives the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function start(strategy: SessionMode, accessTtl: Duration) {
  const clock = new TestClock(Date.parse('2026-03-01T12:00:00.700Z'));
  const store = strategy.startsWith('access') ? undefined : clock.store();
  const options = { issuer: 'https://auth.example', keys, strategy, store, accessTtl, absoluteTtl: '20d' as const };
  const module = await Test.createTestingModule({ imports: [AuthModule.forRoot(options)] })
    .overrideProvider(AuthClock)
    .useValue(clock.authClock)
    .compile();
  await module.init();
  return { clock, get: module.get.bind(module), close: () => module.close() };
}

/** What comes of an attempt, or null where the session or its token is over. */
async function attempt(work: () => TokenGrant | Promise<TokenGrant>): Promise<TokenGrant | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError) return null;
    throw error;
  }
}

describe.each(['access', 'access-sliding', 'refresh', 'refresh-sliding'] as const)('in %s', (strategy) => {
  it.each([1, 2, 3, 4])('no access token outlives the absolute end, whatever its user does (seed %i)', async (seed) => {
    const random = seeded(seed);
    const accessTtl = (['10m', '1d', '6d', '20d'] as const)[seed - 1]!;
    const { clock, get, close } = await start(strategy, accessTtl);
    const tokens = get(AccessTokenService);
    let grant = await get(SessionService).open({ sub: 'ann' });
    const end = Math.floor((clock.now() + 20 * DAY * 1000) / 1000);
    let latest = 0;
    while (clock.now() / 1000 < end + DAY) {
      const { exp, renew_until: until } = tokens.readSigned(grant.accessToken);
      expect(exp).toBeLessThanOrEqual(end);
      expect(until ?? 0).toBeLessThanOrEqual(end);
      latest = Math.max(latest, exp);
      clock.advance(`${1 + Math.floor(random() * (random() < 0.5 ? 900 : 2 * DAY))}s`);
      const renewed = await attempt(() => get(RenewalService).renew(tokens.verify(grant.accessToken)));
      const turned =
        grant.refreshToken !== undefined && random() < 0.5
          ? await attempt(() => get(RefreshRotationService).refresh(grant.refreshToken!))
          : null;
      grant = turned ?? { ...grant, accessToken: renewed?.accessToken ?? grant.accessToken };
    }
    // Else nothing would have been tried.
    expect(latest).toBeGreaterThan(end - 20 * DAY);
    await close();
  });
});

import { Test } from '@nestjs/testing';
import {
  AccessTokenService,
  AUTH_POLICY,
  AuthClock,
  AuthModule,
  generateKeys,
  InMemoryTokenRepository,
  RefreshRotationService,
  RenewalService,
  Revocations,
  SessionService,
  type AuthModuleOptions,
  type AuthPolicy,
  type SessionMode,
  type TokenGrant,
} from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { storeOf } from './auth-library.js';

const keys = generateKeys('HS256');

/** Who holds tokens and uses them as far as they go. */
export interface Holder {
  /** Makes a request; renews and refreshes where that is due or needed. False when nothing of it is of use any more. */
  visit(): Promise<boolean>;
  readonly grant: TokenGrant;
}

/** The real services over a store in memory, in which months pass in milliseconds. */
export async function startLife(strategy: SessionMode, options: Partial<AuthModuleOptions>) {
  const clock = new TestClock(Date.parse('2026-03-01T12:00:00Z'));
  const store = new InMemoryTokenRepository(() => clock.now());
  const asked = { store: 0 };
  for (const method of ['advance', 'extend'] as const) count(store, method, asked);
  const kept = { store: strategy.startsWith('refresh') ? storeOf(store) : undefined };
  const module = await Test.createTestingModule({
    imports: [
      AuthModule.forRoot({ strategy, issuer: 'https://auth.example', keys, algorithm: 'HS256', ...kept, ...options }),
    ],
  })
    .overrideProvider(AuthClock)
    .useValue(clock.authClock)
    .compile();
  module.useLogger(false);
  await module.init();
  const [sessions, renewals, tokens] = [
    module.get(SessionService),
    module.get(RenewalService),
    module.get(AccessTokenService),
  ];
  const revocations = module.get(Revocations);
  const rotation = strategy.startsWith('refresh') ? module.get(RefreshRotationService) : undefined;

  const admitted = (accessToken: string) => {
    try {
      const claims = tokens.verify(accessToken);
      return revocations.check(claims) ? undefined : claims;
    } catch {
      return undefined;
    }
  };
  /** @param stolen what of a grant its holder has */
  const hold = (stolen: TokenGrant): Holder => {
    let grant = stolen;
    return {
      get grant() {
        return grant;
      },
      visit: async () => {
        const claims = admitted(grant.accessToken);
        if (claims) {
          const renewed = await renewals.renewIfDue(claims);
          if (renewed) grant = { ...grant, accessToken: renewed.accessToken };
          return true;
        }
        if (!rotation || grant.refreshToken === undefined) return false;
        const refreshed = await rotation.refresh(grant.refreshToken).catch(() => undefined);
        if (refreshed) grant = refreshed;
        return refreshed !== undefined;
      },
    };
  };
  return {
    policy: module.get<AuthPolicy>(AUTH_POLICY),
    clock,
    asked,
    rotation: rotation!,
    hold,
    logIn: (): Promise<TokenGrant> => sessions.open({ sub: 'ann', claims: {} }),
    close: () => module.close(),
  };
}

export type Life = Awaited<ReturnType<typeof startLife>>;

function count(store: object, method: string, asked: { store: number }): void {
  const methods = store as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  const original = methods[method];
  if (!original) return;
  methods[method] = (...args) => {
    asked.store++;
    return original.apply(store, args);
  };
}

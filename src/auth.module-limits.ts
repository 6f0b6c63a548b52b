import type { Provider } from '@nestjs/common';
import { AuthClock } from './auth.clock.js';
import { AUTH_POLICY } from './auth.constants.js';
import { AuthEvents } from './events/auth.events.js';
import { AuthObserver } from './events/observer.js';
import { AttemptLog } from './limits/attempt-log.js';
import { DeviceTokens } from './limits/device-tokens.js';
import { FallbackAttemptLog } from './limits/fallback-attempt-log.js';
import { LoginLimits } from './limits/login-limits.js';
import type { AuthPolicy } from './options/options.js';
import { InMemoryAttemptLog } from './stores/memory/in-memory-attempt-log.js';
import { KeyRing } from './tokens/key-ring.js';

/** What limits logins: counted where the store module counts, and in this process where there is none or it is away. */
export const limitProviders: Provider[] = [
  {
    provide: LoginLimits,
    inject: [
      AUTH_POLICY,
      AuthClock,
      AuthEvents,
      { token: AttemptLog, optional: true },
      { token: AuthObserver, optional: true },
    ],
    useFactory: (
      policy: AuthPolicy,
      clock: AuthClock,
      events: AuthEvents,
      shared?: AttemptLog,
      observer?: AuthObserver,
    ) => {
      const now = (): number => clock.now();
      const own = new InMemoryAttemptLog(now);
      const log = shared ? new FallbackAttemptLog(shared, own, now) : own;
      return new LoginLimits(policy, log, clock, events, observer);
    },
  },
  {
    provide: DeviceTokens,
    inject: [KeyRing, AuthClock],
    useFactory: (keys: KeyRing, clock: AuthClock) => new DeviceTokens(keys, clock),
  },
];

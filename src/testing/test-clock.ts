import type { DynamicModule } from '@nestjs/common';
import { AuthClock, InMemoryTokenRepositoryModule } from '../index.js';
import { parseDuration } from '../internal.js';

/**
 * A clock that moves when it is told to, for tests in which weeks pass: the store and the tokens go by it.
 *
 * @example
 * ```ts
 * const clock = new TestClock();
 * const module = await Test.createTestingModule({ imports: [AuthModule.forRoot({ store: clock.store(), … })] })
 *   .overrideProvider(AuthClock)
 *   .useValue(clock.authClock)
 *   .compile();
 * clock.advance('15d');
 * ```
 */
export class TestClock {
  /** What stands in for `AuthClock`. */
  readonly authClock = new AuthClock(() => this.time);

  /** @param time where it starts, milliseconds since the epoch */
  constructor(private time: number = Date.now()) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return this.time;
  }

  /** @param duration such as `'31s'` or `'15d'` */
  advance(duration: string): void {
    this.time += parseDuration(duration, 'duration');
  }

  /** A store in memory that goes by this clock. */
  store(): DynamicModule {
    return InMemoryTokenRepositoryModule.forRoot({ clock: () => this.time });
  }
}

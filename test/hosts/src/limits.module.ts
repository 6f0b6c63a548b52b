import { Injectable, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { minutes, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';

/** Before Keyturn: counts by address, and no token is looked at yet. */
@Module({
  imports: [ThrottlerModule.forRoot([{ limit: 30, ttl: minutes(10) }])],
  providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
})
export class FloodsModule {}

@Injectable()
class UserThrottlerGuard extends ThrottlerGuard {
  /** The user that Keyturn has let in; on public routes there is none. */
  protected override getTracker({ user, ip }: { user?: { sub: string }; ip: string }): Promise<string> {
    return Promise.resolve(user?.sub ?? ip);
  }
}

/** After Keyturn: counts by user. */
@Module({
  imports: [ThrottlerModule.forRoot([{ limit: 5, ttl: minutes(10) }])],
  providers: [{ provide: APP_GUARD, useClass: UserThrottlerGuard }],
})
export class UsageModule {}

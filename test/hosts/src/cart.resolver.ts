import { Args, Field, Mutation, ObjectType, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import { CurrentSession, CurrentUser, RequireRecentAuth, RequireRole, SlidingSession, type AuthSession } from 'keyturn';
import { setTimeout as pause } from 'node:timers/promises';

@ObjectType()
export class Cart {
  @Field()
  sub!: string;
}

@Resolver(() => Cart)
export class CartResolver {
  @Query(() => Cart)
  cart(@CurrentUser('sub') sub: string): Cart {
    return { sub };
  }

  /** Guarded only with `fieldResolverEnhancers: ['guards']`; without it the application does not start. */
  @RequireRole('admin')
  @ResolveField(() => String)
  margin(): string {
    return '42 %';
  }

  @RequireRole('admin')
  @Query(() => Boolean)
  admin(): boolean {
    return true;
  }

  @RequireRecentAuth('5m')
  @Mutation(() => Boolean)
  pay(): boolean {
    return true;
  }

  @SlidingSession()
  @Mutation(() => Boolean)
  addItem(): boolean {
    return true;
  }

  /** Ends with the session of its reader, by an error with the code in `extensions`. */
  @Subscription(() => String)
  async *prices(@CurrentUser('sub') sub: string): AsyncGenerator<{ prices: string }> {
    for (let tick = 0; ; tick++) {
      yield { prices: `${sub} ${tick}` };
      await pause(50);
    }
  }

  /** Sent over the connection of a subscription: what is open there goes on with the fresh token. */
  @Mutation(() => Boolean)
  async freshToken(@Args('token') token: string, @CurrentSession() session: AuthSession): Promise<boolean> {
    await session.refresh(token);
    return true;
  }

  @Query(() => String)
  expires(@CurrentSession() session: AuthSession): string {
    return String(session.expiresAt);
  }
}

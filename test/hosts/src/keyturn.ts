import { AuthModule, JwtAuthGuard, RedisTokenRepositoryModule } from 'keyturn';

// A cell of the table counts only if its test fails without the guard: this takes it away.
if (process.env.GUARD === 'off') JwtAuthGuard.prototype.canActivate = () => true;

const options = {
  issuer: 'https://auth.shop.example',
  keys: process.env.AUTH_KEYS,
  store: RedisTokenRepositoryModule.forRoot({ url: process.env.REDIS_URL! }),
  sliding: { renewAfter: 0 },
  isGlobal: true,
};

export const keyturn = AuthModule.forRoot({ ...options, guard: 'global' });

/** For controllers with `@UseGuards(JwtAuthGuard)`. */
export const manual = AuthModule.forRoot({ ...options, guard: 'manual' });

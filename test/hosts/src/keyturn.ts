import { AuthModule, JwtAuthGuard, RedisTokenRepositoryModule } from 'keyturn';

// A cell of the table counts only if its test fails without the guard: this takes it away.
if (process.env.GUARD === 'off') JwtAuthGuard.prototype.canActivate = () => true;

export const keyturn = AuthModule.forRoot({
  issuer: 'https://auth.shop.example',
  keys: process.env.AUTH_KEYS,
  store: RedisTokenRepositoryModule.forRoot({ url: process.env.REDIS_URL! }),
  sliding: { renewAfter: 0 },
  guard: 'global',
  isGlobal: true,
});

import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CurrentUser, RedisRevocationFeedModule, ResourceServerModule, SlidingSession } from 'keyturn';

@Controller('cart')
class CartController {
  @Get()
  view(@CurrentUser('sub') sub: string): { cartOf: string } {
    return { cartOf: sub };
  }

  @SlidingSession()
  @Post('items')
  add(@CurrentUser('sub') sub: string): { addedFor: string } {
    return { addedFor: sub };
  }
}

@Module({
  imports: [
    ResourceServerModule.forRoot({
      issuer: 'https://auth.shop.example',
      jwksUri: `${process.env.AUTH_URL}/.well-known/jwks.json`,
      renewUrl: `${process.env.AUTH_URL}/auth/renew`,
      sliding: { renewAfter: 0 },
      feed: RedisRevocationFeedModule.forRoot({ url: process.env.REDIS_URL! }),
      guard: 'global',
    }),
  ],
  controllers: [CartController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');

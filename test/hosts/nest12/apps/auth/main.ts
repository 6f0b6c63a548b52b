import { Body, Controller, HttpCode, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Response } from 'express';
import { AuthModule, Public, RedisTokenRepositoryModule, SessionService, TokenResponder } from 'keyturn';

@Controller()
class LoginController {
  constructor(
    private readonly sessions: SessionService,
    private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  async login(@Body() { name }: { name: string }, @Res({ passthrough: true }) response: Response): Promise<object> {
    const generation = await this.sessions.generationOf(name);
    return this.responder.respond(response, await this.sessions.open({ sub: name, generation }));
  }
}

@Module({
  imports: [
    AuthModule.forRoot({
      issuer: 'https://auth.shop.example',
      keys: process.env.AUTH_KEYS,
      sliding: { renewAfter: 0 },
      guard: 'global',
      routes: { path: 'auth' },
      store: RedisTokenRepositoryModule.forRoot({ url: process.env.REDIS_URL! }),
    }),
  ],
  controllers: [LoginController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');

import { Body, Controller, HttpCode, Module, Post, Res, type DynamicModule } from '@nestjs/common';
import type { Response } from 'express';
import { AuthModule, Public, SessionService, TokenResponder } from 'keyturn';

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

@Module({})
export class AppModule {
  static on(store: DynamicModule): DynamicModule {
    const auth = AuthModule.forRoot({
      issuer: 'https://auth.shop.example',
      keys: process.env.AUTH_KEYS,
      sliding: { renewAfter: 0 },
      guard: 'global',
      routes: { path: 'auth' },
      store,
    });
    return { module: AppModule, imports: [auth], controllers: [LoginController] };
  }
}

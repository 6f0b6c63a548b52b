import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import {
  AuthError,
  CurrentUser,
  NoSliding,
  Public,
  requestInfoOf,
  SessionService,
  TokenResponder,
  type AuthUser,
  type IncomingRequest,
  type TokenAnswer,
} from '../../../index.js';

/** The one account of every world. It exists in no other store, and its password opens nothing else. */
export const DEMO_USER = 'ada of the playground';
export const DEMO_PASSWORD = 'correct horse battery staple';

interface Credentials {
  readonly password?: unknown;
  readonly device_name?: unknown;
}

interface NewPassword {
  readonly current_password?: unknown;
  readonly new_password?: unknown;
}

/** What a host has beside the session routes: a login, a new password, and something to ask for. */
@Controller()
export class DemoController {
  private password = DEMO_PASSWORD;

  constructor(
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenResponder) private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('auth/login')
  @HttpCode(200)
  async login(
    @Body() { password, device_name: name }: Credentials,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    const generation = await this.sessions.generationOf(DEMO_USER);
    this.check(password);
    return this.open(request, response, generation, typeof name === 'string' ? name : undefined);
  }

  /** Everything of the user ends, and the device that did it goes on with a new session. */
  @NoSliding()
  @Post('auth/password')
  @HttpCode(200)
  async change(
    @Body() { current_password: current, new_password: next }: NewPassword,
    @CurrentUser() user: AuthUser,
    @Req() request: IncomingRequest,
    @Res({ passthrough: true }) response: object,
  ): Promise<TokenAnswer> {
    this.check(current);
    if (typeof next !== 'string' || next === '') {
      throw new AuthError('invalid_request', 'new_password must be a text that is not empty.');
    }
    const name = (await this.sessions.list(user.sub)).find(({ sid }) => sid === user.sid)?.device.name;
    this.password = next;
    await this.sessions.revokeAll(user.sub, undefined, { ...requestInfoOf(request), cause: 'password_changed' });
    return this.open(request, response, await this.sessions.generationOf(user.sub), name);
  }

  @NoSliding()
  @Get('cart')
  cart(): object {
    return { items: ['a teapot'] };
  }

  private check(password: unknown): void {
    if (password !== this.password) throw new AuthError('invalid_credentials', 'The password is wrong.');
  }

  private async open(
    request: IncomingRequest,
    response: object,
    generation: number,
    name?: string,
  ): Promise<TokenAnswer> {
    const grant = await this.sessions.open({ sub: DEMO_USER, generation, ...requestInfoOf(request, name) });
    return this.responder.respond(response, grant);
  }
}

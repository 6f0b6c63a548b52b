import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { deviceOf, Public, SessionService, TokenResponder } from 'keyturn';

@Controller()
export class LoginController {
  constructor(
    private readonly sessions: SessionService,
    private readonly responder: TokenResponder,
  ) {}

  @Public()
  @Post('login')
  @HttpCode(200)
  async login(
    @Body() { name }: { name: string },
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const generation = await this.sessions.generationOf(name);
    const grant = await this.sessions.open({ sub: name, generation, device: deviceOf(request) });
    return this.responder.respond(response, grant);
  }
}

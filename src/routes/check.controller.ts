import { Get, HttpCode, Inject, Res, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Public } from '../decorators/access.decorators.js';
import { CurrentUser, type AuthUser } from '../decorators/current-user.decorator.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import { CheckGuard } from './check.guard.js';

/** Forward authentication: a proxy asks whether a request may pass (nginx `auth_request`, Traefik, Kong, Envoy). */
export class CheckController {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** All four headers stand in every 204, so that what a caller sent under their names never takes their place. */
  @Public()
  @NoSliding()
  @UseGuards(CheckGuard)
  @Get('check')
  @HttpCode(204)
  check(@CurrentUser() user: AuthUser, @Res() response: object): void {
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    const told = { Subject: user.sub, Session: user.sid, Client: user.client_id, Scope: user.scope };
    for (const [name, value] of Object.entries(told)) {
      httpAdapter.setHeader(response, `X-Auth-${name}`, typeof value === 'string' ? headerText(value) : '');
    }
    // Written here, so that no interceptor of the host changes it.
    httpAdapter.reply(response, undefined);
  }
}

/** A header holds visible ASCII and single blanks inside; everything else, and `%` itself, is percent-encoded. */
const headerText = (value: string): string =>
  value.replace(/[^\x21-\x24\x26-\x7e ]|^ | $| {2,}/gu, (character) => encodeURIComponent(character));

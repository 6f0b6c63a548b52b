import { Get, HttpCode, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Public } from '../decorators/access.decorators.js';
import { NoSliding } from '../decorators/sliding-session.decorator.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { userOf } from '../transport/request-context.js';
import { CheckGuard } from './check.guard.js';

/** Forward authentication: a proxy asks whether a request may pass (nginx `auth_request`, Traefik, Kong, Envoy). */
export class CheckController {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /**
   * All four headers stand in every 204, so that what a caller sent under their names never takes their place. The user is
   * read from the request: for a parameter by @CurrentUser() Nest would wait for pipes.
   */
  @Public()
  @NoSliding()
  @UseGuards(CheckGuard)
  @Get('check')
  @HttpCode(204)
  check(@Req() request: object, @Res() response: object): void {
    const { httpAdapter } = this.host;
    httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    for (const [name, text] of headersOf(userOf(request)!)) httpAdapter.setHeader(response, name, text);
    // Written here, so that no interceptor of the host changes it.
    httpAdapter.reply(response, undefined);
  }
}

type Headers = readonly (readonly [name: string, text: string])[];

/** Of claims that the guard remembers, so that those of a token seen before are written once. */
const known = new WeakMap<AccessTokenClaims, Headers>();

function headersOf(user: AccessTokenClaims): Headers {
  let headers = known.get(user);
  if (!headers) {
    const told = { Subject: user.sub, Session: user.sid, Client: user.client_id, Scope: user.scope };
    headers = Object.entries(told).map(
      ([name, value]) => [`X-Auth-${name}`, typeof value === 'string' ? headerText(value) : ''] as const,
    );
    known.set(user, headers);
  }
  return headers;
}

/** A header holds visible ASCII and single blanks inside; everything else, and `%` itself, is percent-encoded. */
const headerText = (value: string): string =>
  value.replace(/[^\x21-\x24\x26-\x7e ]|^ | $| {2,}/gu, (character) => encodeURIComponent(character));

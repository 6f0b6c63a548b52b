import { Controller, Get, Header, Inject, Res, VERSION_NEUTRAL, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthClock } from '../auth.clock.js';
import { Public } from '../decorators/access.decorators.js';
import type { AuthPolicy } from '../options/options.js';
import { KeyRing } from '../tokens/key-ring.js';
import { JWKS_PATH } from './root-routes.js';

/**
 * The public keys of the access tokens (RFC 7517), for any standard resource server. They stay at the root under a global
 * prefix and under versions, since that is where verifiers look for them, and no interceptor of the host changes them.
 */
@Controller({ path: '.well-known', version: VERSION_NEUTRAL })
export class JwksController implements OnModuleInit {
  constructor(
    @Inject(KeyRing) private readonly keys: KeyRing,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
  ) {}

  /** An issuer with a path is looked for below it as well, where no proxy takes the path away. */
  onModuleInit(): void {
    const base = new URL(this.policy.issuer).pathname.replace(/\/+$/, '');
    if (base === '') return;
    this.host.httpAdapter?.get(base + JWKS_PATH, (_request: unknown, response: object) => {
      this.host.httpAdapter.setHeader(response, 'Cache-Control', 'public, max-age=300');
      this.jwks(response);
    });
  }

  @Public()
  @Get('jwks.json')
  @Header('Cache-Control', 'public, max-age=300')
  jwks(@Res() response: object): void {
    this.host.httpAdapter.reply(response, this.keys.publicJwks(this.clock.now()), 200);
  }
}

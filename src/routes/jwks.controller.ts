import { Controller, Get, Header, Inject } from '@nestjs/common';
import { AuthClock } from '../auth.clock.js';
import { Public } from '../decorators/access.decorators.js';
import { KeyRing } from '../tokens/key-ring.js';
import type { Jwk } from '../tokens/ring-key.js';

/** The public keys of the access tokens (RFC 7517), for any standard resource server. */
@Controller('.well-known')
export class JwksController {
  constructor(
    @Inject(KeyRing) private readonly keys: KeyRing,
    @Inject(AuthClock) private readonly clock: AuthClock,
  ) {}

  @Public()
  @Get('jwks.json')
  @Header('Cache-Control', 'public, max-age=300')
  jwks(): { keys: Jwk[] } {
    return this.keys.publicJwks(this.clock.now());
  }
}

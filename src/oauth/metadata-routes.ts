import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { AUTH_POLICY } from '../auth.constants.js';
import type { AuthPolicy } from '../options/options.js';
import { routesPath } from '../transport/routes-path.js';
import { OAuthClients } from './oauth-clients.js';
import { metadataPaths, oauthMetadata, publicUrl } from './oauth-metadata.js';

/** DI token of the path below which the OAuth routes are. */
export const OAUTH_PATH = Symbol.for('keyturn:oauth-path');

/**
 * Answers for the metadata of the issuer (RFC 8414). Its paths follow from the issuer, which is known only at run time,
 * and must not move with a global prefix or a version: so they are registered at the platform, and not by a controller.
 */
@Injectable()
export class MetadataRoutes implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(OAuthClients) private readonly clients: OAuthClients,
    @Inject(OAUTH_PATH) private readonly path: string,
  ) {}

  onModuleInit(): void {
    // Absent in an application without HTTP.
    const { httpAdapter } = this.host;
    if (!httpAdapter) return;
    const metadata = this.metadata();
    for (const path of metadataPaths(this.policy.issuer)) {
      httpAdapter.get(path, (_request: unknown, response: unknown) => {
        httpAdapter.setHeader(response, 'Cache-Control', 'public, max-age=300');
        return httpAdapter.reply(response, metadata, 200);
      });
    }
  }

  private metadata(): Readonly<Record<string, unknown>> {
    const at = (path: string): string => publicUrl(this.policy.issuer, routesPath(this.application, path));
    const endpoints = {
      jwks: at('.well-known/jwks.json'),
      token: at(`${this.path}/token`),
      revocation: at(`${this.path}/revoke`),
      introspection: at(`${this.path}/introspect`),
    };
    return oauthMetadata(this.policy, endpoints, this.clients.configured, this.clients.loadsMore);
  }
}

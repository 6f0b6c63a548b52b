import { Inject, Injectable, type OnModuleInit, type Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { AUTH_POLICY } from '../auth.constants.js';
import type { AuthPolicy } from '../options/options.js';
import { JwksController } from '../routes/jwks.controller.js';
import { mountedPaths } from '../routing/mounted-paths.js';
import { IntrospectionController } from './introspection.controller.js';
import { OAuthClients } from './oauth-clients.js';
import { metadataPaths, oauthMetadata, publicUrl } from './oauth-metadata.js';
import { RevocationController } from './revocation.controller.js';
import { TokenController } from './token.controller.js';

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
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
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
    const endpoints = {
      jwks: this.urlOf(JwksController, 'jwks'),
      token: this.urlOf(TokenController, 'token'),
      revocation: this.urlOf(RevocationController, 'revoke'),
      introspection: this.urlOf(IntrospectionController, 'introspect'),
    };
    return oauthMetadata(this.policy, endpoints, this.clients.configured, this.clients.loadsMore);
  }

  private urlOf<C extends Type>(controller: C, handler: keyof InstanceType<C> & string): string {
    const [path] = mountedPaths(this.modules, this.application, controller, handler);
    return publicUrl(this.policy.issuer, path!);
  }
}

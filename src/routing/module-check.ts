import { Logger, type OnModuleInit } from '@nestjs/common';
import { GUARDS_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig, ModulesContainer, Reflector } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import { markedHandlers, type MarkedHandler } from './marked-handlers.js';
import { ROUTE_MEANS, type RouteMeans } from './route-check.js';
import { ACCESS_METADATA } from './route-metadata.js';

/** Looks at the start at what an application has imported: one module too many, and no guard at all. */
export class ModuleCheck implements OnModuleInit {
  constructor(
    private readonly means: RouteMeans,
    private readonly modules: ModulesContainer,
    private readonly reflector: Reflector,
    private readonly application: ApplicationConfig,
  ) {}

  /** @throws AuthConfigError where two modules would refuse each other's tokens, or put theirs in place of them */
  onModuleInit(): void {
    const all = [...this.modules.values()].flatMap(({ providers }) => {
      const means = providers.get(ROUTE_MEANS)?.instance as RouteMeans | undefined;
      return means ? [means] : [];
    });
    const { module, issuer } = this.means;
    const same = all.filter((other) => other.module === module);
    if (module === 'AuthModule' && new Set(same.map((other) => other.issuer)).size > 1) {
      throw new AuthConfigError(
        `AuthModule is imported for ${same.map((other) => other.issuer).join(' and ')}: an application issues the tokens of ` +
          'one issuer. Give each issuer an application of its own, and import ResourceServerModule where the tokens of ' +
          'another one are taken',
      );
    }
    const guarding = all.filter(({ guardsAll }) => guardsAll);
    if (guarding.length > 1) {
      throw AuthConfigError.of(
        'guard',
        `is 'global' in ${guarding.map((means) => means.module).join(' and in ')}: each guard would refuse the tokens of the ` +
          'other. Import one of them, once, in the root module of the application, with isGlobal: true; or write ' +
          "guard: 'manual' in both, and @UseGuards(JwtAuthGuard) on the controllers of the modules that import one of them",
      );
    }
    if (same.filter((other) => other.issuer === issuer).length > 1) {
      throw new AuthConfigError(
        `${module} is imported twice for the issuer ${issuer}: each has sessions and caches of its own. Call ` +
          `${module}.forRoot() once, in the root module of the application, and write isGlobal: true`,
      );
    }
    const open = all.some(({ guardsAll }) => guardsAll) ? [] : this.openRoutes();
    if (open.length === 0 || this.isGuarded()) return;
    new Logger('Keyturn').warn(
      `No route is guarded, ${open[0]} neither: write guard: 'global' in ${module}, or @UseGuards(JwtAuthGuard) on ` +
        'what needs a login; @Public() says of a route that it is meant to be open',
    );
  }

  private isGuarded(): boolean {
    const { application } = this;
    if (application.getGlobalGuards().length > 0 || application.getGlobalRequestGuards().length > 0) return true;
    const handlers = [...markedHandlers(this.modules.values())];
    return handlers.some(({ target }) => this.reflector.get(GUARDS_METADATA, target) !== undefined);
  }

  /** The routes of the host that nobody has marked as open. */
  private openRoutes(): string[] {
    const ofHost = [...this.modules.values()].filter(({ providers }) => !providers.has(ROUTE_MEANS));
    const isRoute = ({ target, method }: MarkedHandler): boolean =>
      method !== undefined && this.reflector.get(PATH_METADATA, target) !== undefined;
    return [...markedHandlers(ofHost)]
      .filter((handler) => isRoute(handler) && !this.isMarkedOpen(handler))
      .map(({ name }) => name);
  }

  private isMarkedOpen({ target, method }: MarkedHandler): boolean {
    return this.reflector.getAllAndOverride(ACCESS_METADATA, [target, method!.of]) !== undefined;
  }
}

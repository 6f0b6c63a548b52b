import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { AUTH_POLICY } from '../auth.constants.js';
import type { AuthPolicy } from '../options/options.js';
import { TokenCookies } from '../transport/token-cookies.js';
import { sessionRoutesPath } from './session-routes-path.js';

/** Tells at the start of cookies that browsers would drop or never send: they do so without a word. */
@Injectable()
export class CookieCheck implements OnModuleInit {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(TokenCookies) private readonly cookies: TokenCookies,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
  ) {}

  onModuleInit(): void {
    if (!this.cookies.inUse) return;
    if (!this.policy.cookies.insecure) this.warnOfHttp();
    this.warnOfPath();
  }

  private warnOfHttp(): void {
    const { issuer } = this.policy;
    if (new URL(issuer).protocol === 'https:') return;
    this.logger.warn(
      `The issuer is ${issuer}, and the cookies are Secure: on http Safari drops them, and other browsers do so on every ` +
        'host but localhost. Nobody is logged in there. Set cookies.insecure (COOKIE_INSECURE=true) for development, ' +
        'or serve the pages by https.',
    );
  }

  /** A proxy that strips a prefix is seen nowhere but in the issuer, and in what the operator says of the cookies. */
  private warnOfPath(): void {
    const mounted = sessionRoutesPath(this.modules, this.application);
    const sentTo = this.cookies.places.refresh.path;
    const outside = new URL(this.policy.issuer).pathname.replace(/\/+$/, '');
    if (this.policy.cookies.path === undefined) {
      if (outside === '' || isBelow(mounted, outside)) return;
      this.logger.warn(
        `The issuer has the path ${outside}, and browsers send the refresh cookie to ${sentTo} alone. If a proxy strips ` +
          `${outside}, set cookies.path (COOKIE_PATH) to ${outside}${mounted === '/' ? '' : mounted}.`,
      );
    } else if (!isBelow(mounted, sentTo) && !sentTo.endsWith(mounted)) {
      this.logger.warn(
        `Browsers send the refresh cookie to ${sentTo} (cookies.path), and the session routes answer below ${mounted}: ` +
          'that is right behind a proxy alone that makes the one of the other.',
      );
    }
  }
}

const isBelow = (path: string, base: string): boolean => base === '/' || path === base || path.startsWith(`${base}/`);

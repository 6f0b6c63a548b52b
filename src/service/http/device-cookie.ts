import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AUTH_POLICY, type AuthPolicy, type IncomingRequest, type TokenGrant } from '../../index.js';
import { cookieName, DEVICE_TOKEN_LIFE, readCookies, writeCookie } from '../../internal.js';

/** What of several cookies of one name is looked at: more are not a browser's. */
const MOST = 4;

/** Where a browser keeps the token by which its device is known: in a cookie that this host alone can set. */
@Injectable()
export class DeviceCookie {
  private readonly name: string;

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {
    this.name = cookieName(policy.cookies, 'device');
  }

  /** What the cookie says; anybody may have written it. */
  read({ headers }: IncomingRequest): readonly string[] {
    return typeof headers.cookie === 'string' ? readCookies(headers.cookie, this.name).slice(0, MOST) : [];
  }

  /** It ends with the browser where the cookies of the session do. */
  give(response: object, token: string, { persistent }: Pick<TokenGrant, 'persistent'>): void {
    const { sameSite, insecure } = this.policy.cookies;
    const lasts = persistent ?? this.policy.cookies.persistent;
    const maxAge = lasts ? DEVICE_TOKEN_LIFE : undefined;
    const cookie = writeCookie(this.name, token, { path: '/', domain: undefined, sameSite, insecure, maxAge });
    this.host.httpAdapter.appendHeader(response, 'Set-Cookie', cookie);
  }
}

import { JwtService } from '@nestjs/jwt';
import type { LegacyToken } from '../../src/index.js';

export interface FormerTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Issued {
  /** Whole seconds. */
  readonly issuedAt: number;
  readonly roles?: readonly string[];
  /** Null: the token does not say. */
  readonly authTime?: number | null;
  /** Seconds. */
  readonly accessLife?: number;
}

const DAY = 86_400;

/** What a host has written by hand before: two secrets of `@nestjs/jwt`, and `AuthGuard('jwt')` around one of them. */
export class FormerLogin {
  private readonly jwt = new JwtService({});
  private issued = 0;

  constructor(
    private readonly secrets = {
      access: 'the former secret of access tokens',
      refresh: 'the former secret of refresh',
    },
  ) {}

  login(sub: string, { issuedAt, roles = ['buyer'], authTime = issuedAt, accessLife = 900 }: Issued): FormerTokens {
    const payload = { sub, roles, iat: issuedAt, jti: String(++this.issued), ...(authTime !== null && { authTime }) };
    const sign = (secret: string, life: number) => this.jwt.sign({ ...payload, exp: issuedAt + life }, { secret });
    return {
      accessToken: sign(this.secrets.access, accessLife),
      refreshToken: sign(this.secrets.refresh, 30 * DAY),
    };
  }

  readonly verifyAccess = (token: string): LegacyToken => this.read(token, this.secrets.access);
  readonly verifyRefresh = (token: string): LegacyToken => this.read(token, this.secrets.refresh);

  private read(token: string, secret: string): LegacyToken {
    interface Payload {
      sub: string;
      roles: string[];
      iat: number;
      exp: number;
      authTime?: number;
    }
    // The times are the library's to judge, by its clock.
    const { sub, roles, iat, exp, authTime } = this.jwt.verify<Payload>(token, { secret, ignoreExpiration: true });
    return { sub, claims: { roles }, issuedAt: iat, expiresAt: exp, authTime };
  }
}

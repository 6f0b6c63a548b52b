import { hash } from 'node:crypto';
import { Injectable, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';

/** What the former login keeps of a user. */
export interface FormerUser {
  readonly id: number;
  readonly roles: readonly string[];
}

export interface FormerTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A login as many hosts have written it by hand: two JWTs, and per user the hash of the present refresh token. */
@Injectable()
export class FormerAuthService {
  readonly jwt = new JwtService();
  private issued = 0;

  /** @param hashes by user; the Redis of the host. Undefined: refresh tokens are not kept, so they work until they are over */
  constructor(
    readonly secrets: { readonly access: string; readonly refresh: string },
    readonly hashes?: FormerHashes,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param age seconds since the login */
  async login({ id, roles }: FormerUser, age = 0): Promise<FormerTokens> {
    const iat = Math.floor(this.now() / 1000) - age;
    const payload = { sub: id, roles, iat, jti: String(++this.issued) };
    const { access, refresh } = this.secrets;
    const accessToken = this.jwt.sign({ ...payload, exp: iat + 900 }, { secret: access });
    const refreshToken = this.jwt.sign({ ...payload, exp: iat + 30 * 86_400 }, { secret: refresh });
    await this.hashes?.set(id, hashOf(refreshToken));
    return { accessToken, refreshToken };
  }

  /** The refresh of before: where hashes are kept, the old token is replaced. */
  async refresh(token: string): Promise<FormerTokens> {
    const { sub, roles } = this.jwt.verify<{ sub: number; roles: string[] }>(token, { secret: this.secrets.refresh });
    if (this.hashes && (await this.hashes.get(sub)) !== hashOf(token)) throw new UnauthorizedException();
    return this.login({ id: sub, roles });
  }

  /** The logout of before, and part of its change of a password. */
  async forget(id: number): Promise<void> {
    await this.hashes?.delete(id);
  }
}

export interface FormerHashes {
  get(id: number): Promise<string | null>;
  set(id: number, hash: string): Promise<unknown>;
  delete(id: number): Promise<unknown>;
}

export const hashOf = (token: string): string => hash('sha256', token, 'base64url');

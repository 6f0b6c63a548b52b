import { JwtService } from '@nestjs/jwt';
import type { ReadLegacyToken } from 'keyturn';
import { hashOf, type FormerHashes } from './former-auth.service.js';

/** `redeem`, where Redis has the hash of each user's present refresh token. It only looks. */
export const redeemHashed =
  (hashes: FormerHashes, secret: string): ReadLegacyToken =>
  async (token) => {
    const { sub, roles, iat, exp } = await new JwtService().verifyAsync(token, { secret });
    if ((await hashes.get(sub)) !== hashOf(token)) return null;
    return { sub: String(sub), claims: { roles }, issuedAt: iat, expiresAt: exp };
  };

import { generateKeyPairSync } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { Controller, Get, UnauthorizedException } from '@nestjs/common';
import { jwtVerify, SignJWT } from 'jose';
import { CurrentUser, type AuthUser, type LegacyToken } from '../../src/index.js';
import { startShop } from '../support/shop-host.js';

@Controller('cart')
class CartController {
  @Get()
  cart(@CurrentUser() user: AuthUser) {
    return { sub: user.sub };
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Another text whose signature has the same bytes: the unused bits of its last character are set. */
function respelled(token: string): string {
  const signatureOf = (text: string) => Buffer.from(text.split('.')[2]!, 'base64url');
  const others = [...ALPHABET].map((last) => token.slice(0, -1) + last).filter((text) => text !== token);
  return others.find((text) => signatureOf(text).equals(signatureOf(token)))!;
}

const UNTIL = '2099-01-01T00:00:00Z';
const LONG = 3_650 * 86_400;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;
const secret = Buffer.alloc(40, 'the secret of the former login');
const jwt = new JwtService();

interface FormerLogin {
  sign(sub: string, iat: number): Promise<string>;
  read(token: string): Promise<LegacyToken>;
}

const said = ({ sub, iat, exp }: { sub?: string; iat?: number; exp?: number }): LegacyToken => ({
  sub: sub!,
  issuedAt: iat,
  expiresAt: exp,
});

const FORMER: readonly [string, FormerLogin][] = [
  [
    'RS256, read by @nestjs/jwt',
    {
      sign: (sub, iat) => jwt.signAsync({ sub, iat, exp: iat + LONG }, { privateKey, algorithm: 'RS256' }),
      read: async (token) => said(await jwt.verifyAsync(token, { publicKey, algorithms: ['RS256'] })),
    },
  ],
  [
    'HS256, read by jose',
    {
      sign: (sub, iat) => {
        const unsigned = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(sub).setIssuedAt(iat);
        return unsigned.setExpirationTime(iat + LONG).sign(secret);
      },
      read: async (token) => said((await jwtVerify(token, secret, { algorithms: ['HS256'] })).payload),
    },
  ],
];

// Usual libraries take sixteen spellings of a signature; what is remembered of an old token goes by its text.
describe.each(FORMER)('an old token that is spelled anew, %s', (_name, former) => {
  async function start() {
    const shop = await startShop(
      'express',
      {
        legacy: {
          accessTokens: { verify: former.read, until: UNTIL },
          refreshTokens: { redeem: former.read, until: UNTIL },
        },
        routes: { path: 'auth' },
      },
      [CartController],
    );
    const refresh = (token: string) => shop.ask('POST /auth/refresh', { body: { refresh_token: token } });
    const issuedAt = Math.floor(shop.clock.now() / 1000) - 60;
    return {
      ...shop,
      refresh,
      token: await former.sign('ann', issuedAt),
      other: await former.sign('ann', issuedAt - 1),
    };
  }

  it('opens no second session', async () => {
    const { refresh, token } = await start();
    expect([(await refresh(token)).status, (await refresh(respelled(token))).status]).toEqual([200, 401]);
  });

  it('is as dead as the first spelling after a logout', async () => {
    const { ask, refresh, token: access, other } = await start();
    const out = await ask('POST /auth/logout', { token: access, body: { refresh_token: other } });
    await ask('POST /auth/logout', { token: access });
    const cart = async (token: string) => (await ask('GET /cart', { token })).status;
    expect(out.status).toBe(204);
    expect([await cart(access), await cart(respelled(access))]).toEqual([401, 401]);
    expect([(await refresh(other)).status, (await refresh(respelled(other))).status]).toEqual([401, 401]);
  });

  it('is not read with a blank behind it either', async () => {
    const { refresh, token } = await start();
    expect([(await refresh(`${token} `)).status, (await refresh(token)).status]).toEqual([401, 200]);
  });
});

const P256 = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ecPrivate = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const ecPublic = ec.publicKey.export({ type: 'spki', format: 'pem' }) as string;

/** The other signature that fits what was signed, made without the key: (r, n - s) in place of (r, s). */
function withTwin(token: string): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const bytes = Buffer.from(signature, 'base64url');
  const s = P256 - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex');
  return [header, payload, bytes.toString('base64url')].join('.');
}

describe.each([
  ['@nestjs/jwt', (token: string) => jwt.verifyAsync(token, { publicKey: ecPublic, algorithms: ['ES256'] })],
  ['jose', async (token: string) => (await jwtVerify(token, ec.publicKey, { algorithms: ['ES256'] })).payload],
])('an old token by ES256 with its other signature, which %s takes too', (_library, verify) => {
  async function start() {
    const read = async (token: string) => said(await verify(token));
    const legacy = { accessTokens: { verify: read, until: UNTIL }, refreshTokens: { redeem: read, until: UNTIL } };
    const shop = await startShop('express', { legacy, routes: { path: 'auth' } }, [CartController]);
    const iat = Math.floor(shop.clock.now() / 1000) - 60;
    const sign = (jti: string) =>
      jwt.sign({ sub: 'ann', iat, exp: iat + LONG, jti }, { privateKey: ecPrivate, algorithm: 'ES256' });
    const refresh = async (token: string) => {
      const { status, text } = await shop.ask('POST /auth/refresh', { body: { refresh_token: token } });
      const { session_id: session, code } = JSON.parse(text) as { session_id?: string; code?: string };
      return { status, session, code };
    };
    return { ...shop, refresh, sign };
  }

  it('is the same token to a refresh, and late it is a reuse', async () => {
    const { refresh, sign, clock } = await start();
    const token = sign('1');
    const { session } = await refresh(token);
    expect(await refresh(withTwin(token))).toEqual({ status: 200, session });
    clock.advance('1m');
    expect((await refresh(withTwin(token))).code).toBe('token_reused');
    const other = await refresh(sign('2'));
    expect(other.status).toBe(200);
    expect(other.session).not.toBe(session);
  });

  it('is as dead as the first after a logout', async () => {
    const { ask, refresh, sign } = await start();
    const [access, other] = [sign('access'), sign('refresh')];
    const cart = async (token: string) => (await ask('GET /cart', { token })).status;
    expect(await cart(withTwin(access))).toBe(200);
    await ask('POST /auth/logout', { token: access, body: { refresh_token: other } });
    expect([await cart(access), await cart(withTwin(access))]).toEqual([401, 401]);
    expect([(await refresh(other)).status, (await refresh(withTwin(other))).status]).toEqual([401, 401]);
  });
});

it('an old token that is no JWT is left to its issuer, also where it is base64 of JSON', async () => {
  const text = Buffer.from(JSON.stringify({ user: 'ann' })).toString('base64');
  const token = `${text}.${Buffer.alloc(32, 7).toString('base64')}`;
  expect(token).toMatch(/=\..*=/);
  const read = (given: string): LegacyToken => {
    if (given !== token) throw new UnauthorizedException();
    return { sub: 'ann' };
  };
  const legacy = { refreshTokens: { redeem: read, until: UNTIL } };
  const { ask } = await startShop('express', { legacy, routes: { path: 'auth' } }, [CartController]);
  const answers = [token, token.replace('=.', '.')].map((refresh_token) =>
    ask('POST /auth/refresh', { body: { refresh_token } }),
  );
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 401]);
});

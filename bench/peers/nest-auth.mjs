import { requestOf } from '../load.mjs';
import { chainsOf } from './chains.mjs';
import { anyOf, SATURATING } from './sampled.mjs';

/*
 * @ackplus/nest-auth, which has a Nest 11 and an Express of its own: each of its variants stands beside an open route of the
 * same application, since nothing else differs by the guard or the refresh alone.
 */
const variantOf = ({ nest11, redis, postgres }, variant) => ({
  file: '../peers/servers/nest-auth.mjs',
  config: { peers: nest11, redis: redis.url, postgres: postgres.url, sessions: SATURATING },
  ...variant,
});

export function nestAuthGuard(options) {
  const beside = 'no guard, Nest 11';
  const tokensAt = (path) => (server) =>
    anyOf(
      server.accessTokens.map((token) => requestOf(`GET ${path}`, { headers: [`Authorization: Bearer ${token}`] })),
    );
  return [
    variantOf(options, { name: beside, beside, nextOf: tokensAt('/open') }),
    variantOf(options, { name: '@ackplus/nest-auth, Nest 11', beside, guarded: '/', nextOf: tokensAt('/') }),
  ];
}

export function nestAuthRefresh(options) {
  const beside = 'an empty POST, Nest 11 and Express';
  const postTo = (path) => (token) => requestOf(`POST ${path}`, { body: JSON.stringify({ refreshToken: token }) });
  const sameBody = ({ refreshTokens }) => {
    const requests = refreshTokens.map(postTo('/open'));
    return (connection) => requests[connection];
  };
  return [
    variantOf(options, { name: beside, beside, nextOf: sameBody }),
    variantOf(options, {
      name: '@ackplus/nest-auth, HS256, Nest 11',
      beside,
      nextOf: chainsOf(postTo('/auth/refresh-token'), 'refreshToken'),
    }),
  ];
}

import { readServiceConfig } from './service.config.js';

const SERVERS = { REDIS_URL: 'redis://:pw@cache', DATABASE_URL: 'postgres://u:p@db/keyturn' };
const PRODUCTION = { ...SERVERS, NODE_ENV: 'production', AUTH_ISSUER: 'https://auth.example', AUTH_KEYS: '{}' };

describe('where the service listens', () => {
  it.each([
    ['a first look: this machine alone, for its registration is open', {}, '127.0.0.1'],
    ['servers, but nobody has said what it is for', SERVERS, '127.0.0.1'],
    ['development on embedded parts', { NODE_ENV: 'development' }, '127.0.0.1'],
    ['development on servers', { ...SERVERS, NODE_ENV: 'development' }, '::'],
    ['production', PRODUCTION, '::'],
    ['production behind a proxy on the same machine', { ...PRODUCTION, HOST: '127.0.0.1' }, '127.0.0.1'],
    ['a first look by IPv6', { HOST: '::1' }, '::1'],
    ['the network, by a developer who says so', { NODE_ENV: 'development', HOST: '0.0.0.0' }, '0.0.0.0'],
  ])('%s', (_what, env, host) => {
    expect(readServiceConfig(env).host).toBe(host);
  });

  it.each(['0.0.0.0', '::', '192.168.1.7', 'auth.example'])(
    'refuses %s while nobody has said what the service is for',
    (HOST) => {
      expect(() => readServiceConfig({ HOST })).toThrow(
        /^HOST is '.*', which others can reach: set NODE_ENV=production, or/,
      );
    },
  );
});

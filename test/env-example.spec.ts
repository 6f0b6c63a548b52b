import { readFileSync } from 'node:fs';
import { AuthConfigError } from '../src/index.js';
import { SETTINGS } from '../src/service/config/settings.js';
import { readServiceConfig } from '../src/service/config/service.config.js';

const example = readFileSync('.env.example', 'utf8');
const lines = example.split('\n');

describe('.env.example', () => {
  it('holds defaults that are the defaults: reading them gives what reading nothing gives', () => {
    const written = lines.flatMap((line) => {
      const [, name, value] = /^#([A-Z_]+)=(.+)$/.exec(line) ?? [];
      return name && value ? [[name, value] as const] : [];
    });
    const plain = (config: object) => JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
    const { auth: authByDefault, ...byDefault } = plain(readServiceConfig({}));
    const { auth, ...read } = plain(readServiceConfig(Object.fromEntries(written)));
    expect(read).toEqual(byDefault);
    expect(auth).toMatchObject(authByDefault as object);
  });
});

describe('a setting that is wrong stops the start by its name', () => {
  it.each([
    ['NODE_ENV', 'prod'],
    ['HOST', '0.0.0.0'],
    ['HOST', '127.0.0.1:3000/'],
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['METRICS_PORT', '0'],
    ['METRICS_PORT', '3000'],
    ['SHUTDOWN_DELAY', '5'],
    ['SHUTDOWN_DELAY', '6m'],
    ['AUTH_ISSUER', 'auth.example'],
    ['AUTH_ALGORITHM', 'none'],
    ['AUTH_STRATEGY', 'cookies'],
    ['ACCESS_TTL', '30'],
    ['ACCESS_TTL', '9s'],
    ['SESSION_IDLE', '91d'],
    ['SESSION_ABSOLUTE', '401d'],
    ['REFRESH_GRACE', '61s'],
    ['ON_REUSE', 'nothing'],
    ['MAX_SESSIONS', '0'],
    ['WHEN_FULL', 'end-newest'],
    ['ENDED_RETENTION', '31d'],
    ['SLIDING_ON', 'none'],
    ['SLIDING_RENEW_AFTER', '1'],
    ['SLIDING_EXTEND_SESSION', 'yes'],
    ['SLIDING_LIMIT', '15d'],
    ['CLOCK_TOLERANCE', '2m'],
    ['TOKEN_CACHE_MAX', '-1'],
    ['AUTH_CLIENTS', '{'],
    ['AUTH_CLIENTS', '[]'],
    ['AUTH_CLIENTS', '{"web":{"idleTtl":"91d"}}'],
    ['COOKIE_SAME_SITE', 'Strict'],
    ['COOKIE_DOMAIN', '.shop.example'],
    ['COOKIE_DOMAIN', 'com'],
    ['ALLOWED_ORIGINS', 'https://shop.example,*'],
    ['ROUTES_PATH', '/auth/'],
    ['REDIS_URL', 'http://localhost'],
    ['REGISTRATION', 'maybe'],
    ['PASSWORD_MIN_LENGTH', '7'],
    ['HASH_CONCURRENCY', '0'],
    ['DOCS', 'yes'],
    ['MIGRATE_ON_START', 'later'],
    ['DEVICE_ADDRESS', 'half'],
    ['ALLOW_IN_PRODUCTION', 'embedded-database,everything'],
    ['LOG_LEVEL', 'all'],
    ['LOG_FORMAT', 'xml'],
    ['TRUST_PROXY', 'everyone'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '10.0.0.0/7'],
    ['TRUST_PROXY', '::/0'],
  ])('%s=%s', (name, value) => {
    expect(() => readServiceConfig({ [name]: value })).toThrow(new RegExp(`^${name}\\b`));
  });

  it('REDIS_COMMAND_TIMEOUT out of range, next to a URL whose password is not printed', () => {
    const env = { REDIS_URL: 'redis://:hunter2@localhost', REDIS_COMMAND_TIMEOUT: '6s' };
    expect(() => readServiceConfig(env)).toThrow(/^REDIS_COMMAND_TIMEOUT(?!.*hunter2)/);
  });

  it.each([
    'mysql://keyturn:hunter2@localhost/keyturn',
    'postgres://keyturn:hunter2@localhost',
    'postgres://keyturn:hunter2#@localhost/keyturn',
    'hunter2',
  ])('DATABASE_URL that is none, without printing it: %s', (url) => {
    expect(() => readServiceConfig({ DATABASE_URL: url })).toThrow(/^DATABASE_URL(?![^]*hunter2)/);
  });

  it.each(['REDIS_SENTINEL_NAME', 'REDIS_CA_FILE'])('%s without a Redis', (name) => {
    expect(() => readServiceConfig({ [name]: 'package.json' })).toThrow(new RegExp(`^${name} has no effect`));
  });

  it('two places for the sessions', () => {
    const env = { REDIS_URL: 'redis://localhost', REDIS_CLUSTER: 'localhost:7000' };
    expect(() => readServiceConfig(env)).toThrow(/one of REDIS_URL, REDIS_SENTINELS and REDIS_CLUSTER/);
  });

  it('a secret given twice, and a secret file that is not there', () => {
    expect(() => readServiceConfig({ AUTH_KEYS: '{}', AUTH_KEYS_FILE: 'keys.json' })).toThrow(/^Set AUTH_KEYS or/);
    expect(() => readServiceConfig({ AUTH_KEYS_FILE: 'no/such/file' })).toThrow(/^AUTH_KEYS_FILE/);
  });

  it.each(SETTINGS.filter(({ row }) => row.secret).map(({ name }) => name))('%s, a secret, twice', (name) => {
    const env = { [name]: 'hunter2', [`${name}_FILE`]: 'a-file' };
    expect(() => readServiceConfig(env)).toThrow(new RegExp(`^Set ${name} or ${name}_FILE, not both$`));
  });
});

describe('the setting that is wrong is the one that is named', () => {
  const refusal = (env: Record<string, string>): AuthConfigError => {
    try {
      readServiceConfig(env);
    } catch (error) {
      expect(error).toBeInstanceOf(AuthConfigError);
      return error as AuthConfigError;
    }
    throw new Error(`not refused: ${JSON.stringify(env)}`);
  };

  it.each([
    [
      'Sentinels without the name that they know the master by',
      { REDIS_SENTINELS: 'one:26379' },
      'REDIS_SENTINEL_NAME',
      'REDIS_SENTINEL_NAME must be given with REDIS_SENTINELS: the name under which they know the master',
    ],
    [
      'a name without Sentinels',
      { REDIS_URL: 'redis://one', REDIS_SENTINEL_NAME: 'main' },
      'REDIS_SENTINEL_NAME',
      'REDIS_SENTINEL_NAME has no effect without REDIS_SENTINELS; give both, or leave it out',
    ],
    [
      'a misspelt key of a client',
      { AUTH_CLIENTS: '{"web":{"transprot":"cookie"}}' },
      'AUTH_CLIENTS.web.transprot',
      'unknown option of AUTH_CLIENTS.web: transprot; did you mean transport? Known are transport, bff, secretHashes, jwks, scope, audience, accessTtl, idleTtl, absoluteTtl',
    ],
    [
      'a value of a client',
      { AUTH_CLIENTS: '{"web":{"accessTtl":"5"}}' },
      'AUTH_CLIENTS.web.accessTtl',
      "AUTH_CLIENTS.web.accessTtl is '5'; it must be a duration with its unit, such as '30s', '15m' or '14d'",
    ],
    [
      'an issuer that is no URL',
      { AUTH_ISSUER: 'auth.shop.example' },
      'AUTH_ISSUER',
      "AUTH_ISSUER is 'auth.shop.example'; it must be a URL with http: or https:, such as https://auth.example",
    ],
  ])('%s', (_what, env, option, message) => {
    expect(refusal(env)).toMatchObject({ option, message });
  });
});

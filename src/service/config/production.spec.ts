import { readServiceConfig } from './service.config.js';

const FIT = {
  NODE_ENV: 'production',
  AUTH_ISSUER: 'https://auth.shop.example',
  DATABASE_URL: 'postgres://keyturn:hunter2@db/keyturn',
  REDIS_URL: 'redis://:hunter2@cache',
  AUTH_KEYS: '{}',
};
const BY_COOKIE = { ...FIT, AUTH_CLIENTS: '{"web":{"transport":"cookie"}}' };
const NAMES = [
  'http-issuer',
  'open-database',
  'open-redis',
  'embedded-database',
  'memory-sessions',
  'memory-revocations',
  'insecure-cookies',
  'generated-keys',
  'open-registration',
];
const without = (name: keyof typeof FIT) => ({ ...FIT, [name]: '' });

describe('NODE_ENV=production', () => {
  it('takes a configuration that is fit for it, with safer defaults', () => {
    expect(readServiceConfig(FIT)).toMatchObject({ registration: 'closed', docs: 'off', logFormat: 'json' });
  });

  it.each([
    ['embedded-database', without('DATABASE_URL'), 'set DATABASE_URL'],
    ['memory-sessions', without('REDIS_URL'), 'set REDIS_URL'],
    ['memory-revocations', { ...without('REDIS_URL'), AUTH_STRATEGY: 'access' }, 'set REDIS_URL'],
    ['http-issuer', { ...FIT, AUTH_ISSUER: 'http://auth.shop.example' }, 'give AUTH_ISSUER as https://'],
    ['open-redis', { ...FIT, REDIS_URL: 'redis://cache' }, 'give REDIS_URL a password, or rediss://'],
    ['open-database', { ...FIT, DATABASE_URL: 'postgres://keyturn@db/keyturn' }, 'or ?sslmode=verify-full'],
    ['insecure-cookies', { ...BY_COOKIE, ALLOWED_ORIGINS: 'http://shop.example' }, 'as https:// alone'],
    ['generated-keys', without('AUTH_KEYS'), 'set AUTH_KEYS_FILE'],
    ['open-registration', { ...FIT, REGISTRATION: 'open' }, 'set REGISTRATION=closed'],
  ])('refuses %s unless it is allowed by that name, and says what to set', (name, env, remedy) => {
    expect(() => readServiceConfig(env)).toThrow(`${remedy}, or ALLOW_IN_PRODUCTION=${name}`);
    expect(readServiceConfig({ ...env, ALLOW_IN_PRODUCTION: `${name}, ${name}` }).production).toBe(true);
    const others = NAMES.filter((other) => other !== name);
    expect(() => readServiceConfig({ ...env, ALLOW_IN_PRODUCTION: others.join() })).toThrow(remedy);
  });

  it('names all that is to be set at once, since one by one costs a start each', () => {
    const env = { NODE_ENV: 'production', REGISTRATION: 'open' };
    const refusal = /AUTH_ISSUER[^]*DATABASE_URL[^]*REDIS_URL[^]*AUTH_KEYS_FILE[^]*REGISTRATION=closed/;
    expect(() => readServiceConfig(env)).toThrow(refusal);
  });

  it('takes plain http from clients that have no cookies to lose', () => {
    expect(readServiceConfig({ ...FIT, ALLOWED_ORIGINS: 'http://shop.example' }).production).toBe(true);
  });

  it('takes an app in a web view beside pages with cookies: it comes from the device, and not over the network', () => {
    const env = { ...FIT, ...BY_COOKIE, ALLOWED_ORIGINS: 'https://shop.example,capacitor://localhost' };
    expect(readServiceConfig(env).production).toBe(true);
  });

  it.each([
    ['redis://127.0.0.1', 'on this machine'],
    ['rediss://cache', 'with TLS'],
    ['redis://:hunter2@cache', 'with a password'],
  ])('takes REDIS_URL=%s, which is %s', (REDIS_URL) => {
    expect(readServiceConfig({ ...FIT, REDIS_URL }).production).toBe(true);
  });

  it('asks for an issuer, which no exception can replace', () => {
    const env = { ...without('AUTH_ISSUER'), ALLOW_IN_PRODUCTION: NAMES.join() };
    expect(() => readServiceConfig(env)).toThrow(/set AUTH_ISSUER to the public URL of this service$/);
  });

  it('makes no cookies without Secure, which no exception can allow', () => {
    const insecure = { ...BY_COOKIE, COOKIE_INSECURE: 'true', ALLOW_IN_PRODUCTION: NAMES.join() };
    expect(() => readServiceConfig(insecure)).toThrow(/^COOKIE_INSECURE is for development/);
    const byHttp = { ...insecure, AUTH_ISSUER: 'http://auth.shop.example' };
    expect(() => readServiceConfig(byHttp)).toThrow(/leave COOKIE_INSECURE out$/);
  });

  it('is not asked of a first look', () => {
    expect(readServiceConfig({ REGISTRATION: 'open' }).production).toBe(false);
  });
});

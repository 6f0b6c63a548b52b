import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { ACCOUNT_CONFIG, KEYS_CONFIG, loadConfig, SERVER_CONFIG } from './load-config.js';
import { readServiceConfig } from './service.config.js';

describe('the configuration of the service', () => {
  it('is given to modules by the namespaces of @nestjs/config', async () => {
    const { module } = await loadConfig(readServiceConfig, { REGISTRATION: 'closed', DATA_DIR: '/keys' });
    const app = await Test.createTestingModule({ imports: [module] }).compile();
    expect(app.get(ACCOUNT_CONFIG)).toEqual({
      registration: 'closed',
      registrationSilent: false,
      requireVerifiedEmail: false,
    });
    expect(app.get(KEYS_CONFIG)).toEqual({ keys: undefined, keysFile: undefined, dataDir: '/keys' });
    expect(app.get(SERVER_CONFIG)).toEqual({ host: '127.0.0.1', metricsPort: undefined, oauthPath: 'oauth' });
  });

  it.each([
    [{ ACESS_TTL: '5m' }, 'ACESS_TTL is no setting of Keyturn; did you mean ACCESS_TTL?'],
    [{ REGISTRATON: 'closed' }, 'REGISTRATON is no setting of Keyturn; did you mean REGISTRATION?'],
    [{ AUTH_KEY_FILE: 'keys.json' }, 'AUTH_KEY_FILE is no setting of Keyturn; did you mean AUTH_KEYS_FILE?'],
    [{ NODE_EVN: 'production' }, 'NODE_EVN is no setting of Keyturn; did you mean NODE_ENV?'],
  ])('refuses %j, which would be ignored in silence', async (env, sentence) => {
    await expect(loadConfig(readServiceConfig, env)).rejects.toThrow(sentence);
  });

  it('looks at .env before it is read, since nothing in a file of UTF-16 would count', async () => {
    const [before, folder] = [process.cwd(), await mkdtemp(join(tmpdir(), 'keyturn-config-'))];
    await writeFile(join(folder, '.env'), 'REGISTRATION=closed\n', 'utf16le');
    process.chdir(folder);
    try {
      await expect(loadConfig(readServiceConfig)).rejects.toThrow('.env is not in UTF-8');
    } finally {
      process.chdir(before);
      await rm(folder, { recursive: true });
    }
  });

  it('tells all misspelt names at once', async () => {
    const env = { ACESS_TTL: '5m', REGISTRATON: 'closed' };
    await expect(loadConfig(readServiceConfig, env)).rejects.toThrow(/ACCESS_TTL\?\n.*REGISTRATION\?$/);
  });

  it.each(['co.uk', 'github.io'])('refuses cookies for all of %s', async (domain) => {
    const loading = loadConfig(readServiceConfig, { COOKIE_DOMAIN: domain });
    await expect(loading).rejects.toThrow(new RegExp(`^COOKIE_DOMAIN is '${domain}', .* such as shop\\.${domain}$`));
    await expect(loadConfig(readServiceConfig, { COOKIE_DOMAIN: `shop.${domain}` })).resolves.toBeDefined();
  });

  it.each([
    ['what a shell has', { PATH: '/bin', HOME: '/root', MAIL: '/var/mail/me', LANG: 'C', USER: 'me', SHLVL: '1' }],
    ['what Kubernetes adds', { REDIS_PORT: 'tcp://10.0.0.1:6379', REDIS_SERVICE_HOST: '10.0.0.1' }],
    ['what other programs read', { POSTGRES_URL: 'x', DEBUG: '*', TZ: 'UTC', NODE_OPTIONS: '', npm_config_x: 'y' }],
    ['a name without a value', { ACESS_TTL: '' }],
  ])('has nothing against %s', async (_what, env) => {
    await expect(loadConfig(readServiceConfig, env as Record<string, string>)).resolves.toBeDefined();
  });
});

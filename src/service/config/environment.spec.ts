import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServiceConfig } from './service.config.js';

describe('a secret in a file', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'keyturn-secrets-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (content: string): string => {
    const path = join(folder, 'secret');
    writeFileSync(path, content);
    return path;
  };
  const URL = 'postgres://keyturn:hunter2@db/keyturn';

  it.each(['', '\n', '\r\n'])('is read without the line break that an editor leaves: %j', (end) => {
    const path = file(URL + end);
    expect(readServiceConfig({ DATABASE_URL_FILE: path }).databaseUrl).toBe(URL);
  });

  it('keeps everything else, which may be part of it', () => {
    expect(readServiceConfig({ AUTH_KEYS_FILE: file(' {}\n\n') }).keys).toBe(' {}\n');
  });

  it('that is empty was not written yet, and is refused by its name', () => {
    expect(() => readServiceConfig({ DATABASE_URL_FILE: file('\n') })).toThrow(/^DATABASE_URL_FILE.*is empty/);
  });
});

describe('where Redis is', () => {
  it('reaches the module: Sentinels and the name of the master', () => {
    const env = {
      REDIS_SENTINELS: 'rediss://:pw@one:26379, two:26379',
      REDIS_SENTINEL_NAME: 'main',
      REDIS_KEY_PREFIX: 'shop:',
      REDIS_COMMAND_TIMEOUT: '300ms',
    };
    expect(readServiceConfig(env).redis).toEqual({
      sentinels: ['rediss://:pw@one:26379', 'two:26379'],
      sentinelName: 'main',
      keyPrefix: 'shop:',
      commandTimeout: '300ms',
    });
  });

  it('reaches the module: nodes of a cluster', () => {
    expect(readServiceConfig({ REDIS_CLUSTER: 'one:7000,two:7000' }).redis).toEqual({
      cluster: ['one:7000', 'two:7000'],
    });
  });
});

describe('a setting in quotes, which `docker run --env-file` keeps', () => {
  it.each(['"shop"', "'shop'"])(
    'is refused and told why, or tokens would be for an audience of that name: %s',
    (value) => {
      expect(() => readServiceConfig({ AUTH_AUDIENCE: value })).toThrow(
        /^AUTH_AUDIENCE is in quotes.*write it without/,
      );
    },
  );

  it('is named as the fault before any other, and its value is not shown, as it may be a secret', () => {
    const refused = { ACCESS_TTL: '"15m"', REDIS_URL: '"redis://:hunter2@db"', NODE_ENV: "'production'" };
    for (const [name, value] of Object.entries(refused)) {
      const read = () => readServiceConfig({ [name]: value });
      expect(read).toThrow(new RegExp(`^${name} is in quotes`));
      expect(read).not.toThrow(/hunter2/);
    }
  });

  it('may have quotes inside', () => {
    const MAIL_FROM = '"The shop" <shop@example.com>';
    const config = readServiceConfig({ SMTP_URL: 'smtp://localhost:25?tls=off', MAIL_FROM });
    expect(config.mailFrom).toBe(MAIL_FROM);
  });
});

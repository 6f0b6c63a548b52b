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

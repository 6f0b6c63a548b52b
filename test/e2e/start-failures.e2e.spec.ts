import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { generateKeys } from '../../src/index.js';
import { createService } from '../../src/service/create-service.js';
import { loadConfig } from '../../src/service/config/load-config.js';
import { readServiceConfig } from '../../src/service/config/service.config.js';
import { listen } from '../../src/service/lifecycle/listen.js';
import { buildService, removeBuild, runService } from '../support/service-process.js';
import { root } from '../support/source-imports.js';
import { startPostgres } from '../support/postgres-server.js';

const isFlag = (flag: string) => process.allowedNodeEnvironmentFlags.has(flag);

/** Leave to use files alone. Node 20 has another name for it; from Node 25 on the network needs leave, too. */
const FILES_ALONE = [
  isFlag('--permission') ? '--permission' : '--experimental-permission',
  '--allow-fs-read=* --allow-fs-write=*',
  ...(isFlag('--allow-net') ? ['--allow-net'] : []),
].join(' ');

let postgres: Awaited<ReturnType<typeof startPostgres>>;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** With given keys and users on a server, nothing is written to a data folder. */
const settings = (env: Readonly<Record<string, string>>) =>
  loadConfig(readServiceConfig, {
    DATABASE_URL: postgres.url,
    AUTH_KEYS: JSON.stringify(generateKeys()),
    LOG_LEVEL: 'error',
    ...env,
  });

describe('a start that fails says what to do', () => {
  beforeAll(buildService);
  afterAll(removeBuild);

  it.each([
    [
      'keys in the variable',
      { AUTH_KEYS: 'junk' },
      'AUTH_KEYS is not JSON; it must be a private JWKS: { "keys": [ … ] }; keyturn keys generate makes one',
    ],
    [
      'keys in a file',
      { AUTH_KEYS_FILE: join(root, 'package.json') },
      'package.json must be a private JWKS: { "keys": [ … ] }; keyturn keys generate makes one',
    ],
    ['a misspelt name', { ACESS_TTL: '5m' }, 'ACESS_TTL is no setting of Keyturn; did you mean ACCESS_TTL?'],
    // Else it would be ready, and answer each login 500.
    [
      'packages that were installed on another system',
      { NAPI_RS_NATIVE_LIBRARY_PATH: join(root, 'is-not-there.node') },
      'where node_modules was installed on another system, or without optional packages, install it on this one',
    ],
    [
      'a process that may have no threads',
      { NODE_OPTIONS: FILES_ALONE },
      'node --permission needs --allow-worker and --allow-addons as well',
    ],
  ])('%s', async (_what, env, sentence) => {
    const message = await runService(env).catch((error: Error) => error.message);
    expect(message).toContain(sentence);
    // Nest would log the stack above the sentence.
    expect(message).not.toMatch(/^ +at |\[cause\]/m);
  });
});

describe('a start that fails in production', () => {
  beforeAll(buildService);
  afterAll(removeBuild);

  it('is told as one line of JSON, since collectors read nothing else', async () => {
    const started = runService({ NODE_ENV: 'production' }).then(() => 'it started');
    const message = await started.catch((error: Error) => error.message);
    const [told = ''] = /^\{.*\}$/m.exec(message) ?? [];
    const line = JSON.parse(told) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'fatal', context: 'Keyturn', time: expect.stringMatching(/Z$/) });
    expect(line.message).toMatch(/^Keyturn did not start: NODE_ENV=production refuses:\n.*AUTH_ISSUER/);
  });
});

describe('an address that cannot be listened on', () => {
  it('is told by PORT when another process has it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const app = await createService(await settings({}));
    const started = listen(app, { host: '127.0.0.1', port });
    await expect(started).rejects.toThrow(
      `PORT ${port} is used by another process; stop that one, or set another PORT`,
    );
    other.close();
    await app.close();
  });

  it('is told by METRICS_PORT when that is the port which another process has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const app = await createService(await settings({ HOST: '127.0.0.1', METRICS_PORT: String(port) }));
    const started = listen(app, { host: '127.0.0.1', port: 0 });
    await expect(started).rejects.toThrow(
      `METRICS_PORT ${port} is used by another process; stop that one, or set another METRICS_PORT`,
    );
    other.close();
    await app.close();
  });

  it('is told by HOST when it is not of this machine', async () => {
    const app = await createService(await settings({}));
    await expect(listen(app, { host: '192.0.2.1', port: 0 })).rejects.toThrow("HOST '192.0.2.1' is no address of this");
    await app.close();
  });

  it('may be one of IPv6, or all of them', async () => {
    const app = await createService(await settings({}));
    await listen(app, { host: '::', port: 0 });
    const { port } = app.getHttpServer().address() as AddressInfo;
    for (const host of ['127.0.0.1', '[::1]'])
      expect((await fetch(`http://${host}:${port}/health/live`)).ok).toBe(true);
    await app.close();
  });
});

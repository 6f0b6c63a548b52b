import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProcess, until, type StartedProcess } from '../../scripts/started-process.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';
import { registered } from '../support/registry.js';
import { root } from '../support/source-imports.js';

/** Where `npm run test:next` has built the example. */
const APP = process.env.NEXT_APP ?? join(root, '.cache/next-example');
const MINUTES = 60_000;

/** How long an access token lives: the shortest that the options take. */
export const ACCESS_TTL = '10s';

/** The example shop as `npm run example` runs it, on strict rotation. */
export const startShop = (): Promise<StartedProcess> =>
  registered(
    startProcess({
      entry: 'scripts/example.mjs',
      cwd: root,
      env: { ACCESS_TTL, REFRESH_GRACE: '0s' },
      readyAt: '/products',
      readyWithin: 5 * MINUTES,
    }),
    'kill',
  );

/** The built example, as `npm start` runs it. */
export const startNext = (
  shop: string,
  secrets: Readonly<Record<string, string>> | undefined,
): Promise<StartedProcess> =>
  registered(
    startProcess({
      command: [process.execPath, 'node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1'],
      cwd: APP,
      env: {
        SHOP_URL: shop,
        SESSION_SECRETS: secrets && JSON.stringify(secrets),
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
      },
      readyAt: '/about',
      readyWithin: 2 * MINUTES,
    }),
    'kill',
  );

/** nginx as a shared cache. */
export interface SharedCache {
  readonly url: string;
  /** The same cache, which does not look at `Cache-Control`. */
  readonly carelessUrl: string;
  stop(): Promise<void>;
}

/** Keeps every answer that does not forbid it, as caches of content networks are told to, also one with cookies. */
export const startCache = (upstream: string): Promise<SharedCache> => registered(startNginx(upstream), 'stop');

async function startNginx(upstream: string): Promise<SharedCache> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-cache-'));
  const kinds = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  await Promise.all(kinds.map((kind) => mkdir(join(folder, kind))));
  const [port, carelessPort] = [await freePort(), await freePort()];
  const server = (at: number, zone: string, ignored: string) => `
  proxy_cache_path ${folder}/${zone} keys_zone=${zone}:1m;
  server {
    listen 127.0.0.1:${at};
    location / {
      proxy_pass ${upstream};
      proxy_set_header Host $http_host;
      proxy_cache ${zone};
      proxy_cache_key $request_uri;
      proxy_cache_valid 200 10m;
      proxy_ignore_headers ${ignored};
      add_header X-Cache $upstream_cache_status always;
    }
  }`;
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${folder}/pid;
error_log stderr warn;
events {}
http {
  access_log off;
  ${kinds.map((kind) => `${kind === 'body' ? 'client_body' : kind}_temp_path ${folder}/${kind};`).join(' ')}
  ${server(port, 'careful', 'Set-Cookie')}
  ${server(carelessPort, 'careless', 'Set-Cookie Cache-Control Expires')}
}`;
  await writeFile(join(folder, 'nginx.conf'), config);
  const child = spawn(toolPath('nginx'), ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exit = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const ended = exit.then(() => Promise.reject(new Error(`nginx ended: ${log}`)));
  ended.catch(() => undefined);
  await Promise.race([until('nginx', async () => (await fetch(`${url}/icon.svg`)).ok), ended]);
  return {
    url,
    carelessUrl: `http://127.0.0.1:${carelessPort}`,
    stop: async () => {
      child.kill('SIGQUIT');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

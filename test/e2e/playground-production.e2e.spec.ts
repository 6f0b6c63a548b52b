import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { buildPages } from '../../scripts/build-pages.mjs';
import { startPostgres } from '../support/postgres-server.js';
import { build, buildService, removeBuild } from '../support/service-process.js';
import { startService } from '../support/service.js';

let pages: string;
beforeAll(async () => {
  await buildService();
  pages = await mkdtemp(join(tmpdir(), 'keyturn-pages-'));
  await buildPages(pages);
});
afterAll(async () => {
  await removeBuild();
  await rm(pages, { recursive: true, force: true });
});

/** Prints the routes of the service as it was built. */
const LISTER = `
  import 'reflect-metadata';
  const from = (path) => import(new URL(path, process.env.BUILD));
  const { loadConfig } = await from('service/config/load-config.js');
  const { readServiceConfig } = await from('service/config/service.config.js');
  const { createService } = await from('service/create-service.js');
  const app = await createService(await loadConfig(readServiceConfig), { pages: process.env.PAGES });
  await app.init();
  // Only then are the routes there that a plugin brings, as the playground is one.
  await app.getHttpAdapter().getInstance().ready();
  console.log('routes:' + app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false }));
  await app.close();
`;

describe('in production there is no playground', () => {
  it('not one of its routes, and no file of it is loaded, whatever is set', async () => {
    // Whoever loads one of them fails.
    for (const folder of ['service/playground', 'testing']) {
      for (const path of await readdir(join(build, folder), { recursive: true })) {
        if (path.endsWith('.js'))
          await writeFile(join(build, folder, path), "throw new Error('loaded in production');");
      }
    }
    const postgres = await startPostgres();
    const dataDir = await mkdtemp(join(tmpdir(), 'keyturn-production-'));
    try {
      const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', LISTER], {
        encoding: 'utf8',
        cwd: build,
        env: {
          PATH: process.env.PATH,
          BUILD: `${pathToFileURL(build).href}/`,
          PAGES: pages,
          NODE_ENV: 'production',
          AUTH_ISSUER: 'https://auth.example',
          ALLOW_IN_PRODUCTION: 'memory-sessions,generated-keys,open-registration',
          REGISTRATION: 'open',
          DOCS: 'on',
          PLAYGROUND: 'true',
          DATABASE_URL: postgres.url,
          DATA_DIR: join(dataDir, 'data'),
        },
      });
      const routes = /routes:([\s\S]*)/.exec(stdout)?.[1];
      expect([routes !== undefined, stderr]).toEqual([true, '']);
      expect(routes).toContain('auth/refresh');
      expect(routes).not.toMatch(/playground|^└── \/ \(|^├── \/ \(/m);
    } finally {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('while in development the same list has them, so that this test could fail', async () => {
    const service = await startService({}, { pages });
    const fastify = service.app.getHttpAdapter().getInstance() as FastifyInstance;
    const routes = fastify.printRoutes({ commonPrefix: false });
    expect(routes).toContain('playground/worlds');
    expect(routes).toMatch(/^(└|├)── \/ \(/m);
    await service.stop();
  });
});

describe('what a reader’s browser loads', () => {
  it('is at most 60 KB, compressed', async () => {
    const service = await startService({}, { pages });
    const bodies = await Promise.all(
      ['/', '/playground/playground.css', '/playground/playground.js'].map(async (path) =>
        (await fetch(service.url + path)).text(),
      ),
    );
    await service.stop();
    const bytes = gzipSync(Buffer.from(bodies.join('')), { level: 9 }).length;
    expect(bytes).toBeGreaterThan(5_000);
    expect(bytes).toBeLessThan(60_000);
  });
});

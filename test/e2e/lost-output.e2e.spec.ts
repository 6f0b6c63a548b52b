import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startProcess } from '../../scripts/started-process.mjs';
import { startPostgres } from '../support/postgres-server.js';
import { build, buildService, removeBuild } from '../support/service-process.js';
import { call } from '../support/service.js';

let folder: string;
beforeAll(async () => {
  await buildService();
  folder = await mkdtemp(join(tmpdir(), 'keyturn-output-'));
});
afterAll(async () => {
  await removeBuild();
  await rm(folder, { recursive: true, force: true });
});

describe('output that cannot be written', () => {
  it('costs the service its log and nothing else: each refused login is a line, and the disk is full', async () => {
    const postgres = await startPostgres();
    const full = openSync('/dev/full', 'w');
    const service = await startProcess({
      entry: join(build, 'main.js'),
      cwd: folder,
      env: { DATABASE_URL: postgres.url, DATA_DIR: join(folder, 'data') },
      stdio: ['ignore', full, full],
    });
    try {
      const body = { email: 'nobody@shop.example', password: 'a wrong password' };
      const refused = [];
      for (let time = 0; time < 3; time++) refused.push(await call(`${service.url}/auth/login`, { body }));
      expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    } finally {
      await service.kill();
      closeSync(full);
      await postgres.stop();
    }
  });

  it('is no fault of a command whose reader has enough, as `head` has', async () => {
    const command = spawn(process.execPath, [join(build, 'service/cli/cli.js'), '--help'], { cwd: folder });
    command.stdout.destroy();
    const ended = once(command, 'exit');
    expect(await text(command.stderr)).toBe('');
    expect(await ended).toEqual([0, null]);
  });
});

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { USAGE, USERS_USAGE } from '../../src/service/cli/usage.js';
import { build, buildService, removeBuild } from '../support/service-process.js';
import { startPostgres } from '../support/postgres-server.js';
import { root } from '../support/source-imports.js';

beforeAll(buildService);
afterAll(removeBuild);

const run = promisify(execFile);
const cli = () => join(build, 'service/cli/cli.js');
const keyturn = (...args: string[]) => run(process.execPath, [cli(), ...args]);

describe('the command keyturn', () => {
  it('tells its version, which an operator is asked for first', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await keyturn('--version')).stdout).toBe(`${version}\n`);
  });

  it('helps by `help` as by `--help`, and with one command', async () => {
    const { stdout: whole } = await keyturn('--help');
    expect(whole).toContain(USAGE);
    expect((await keyturn('help')).stdout).toBe(whole);
    expect((await keyturn('users', '--help')).stdout).toBe(USERS_USAGE);
  });

  it('takes no member that every object has for a command: `toString --help` was a TypeError', async () => {
    expect((await keyturn('toString', '--help')).stdout).toBe(USAGE);
    await expect(keyturn('toString')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is no command 'toString'"),
    });
  });
});

it('makes tickets by the clock of the database: that of the machine where an operator sits may be an hour ahead', async () => {
  const database = await startPostgres();
  const ahead = ['--import', 'data:text/javascript,const%20now=Date.now;Date.now=()=>now()+3600000'];
  const env = { ...process.env, DATABASE_URL: database.url };
  const { stdout } = await run(
    process.execPath,
    [...ahead, cli(), 'users', 'add', '--email', 'a@shop.example', '--invite'],
    {
      env,
    },
  );
  const [, until] = /^ticket \S+ until (\S+)$/m.exec(stdout)!;
  expect(Date.parse(until!)).toBeLessThanOrEqual(Date.now() + 30 * 60_000);
  await database.stop();
});

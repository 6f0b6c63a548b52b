import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { transform } from '@swc/core';
import { startPostgres } from './postgres-server.js';
import { freePort } from './redis-server.js';
import { registered } from './registry.js';
import { root } from './source-imports.js';

/** The service as an orchestrator has it: a process that is told to stop by signals. */
export interface ServiceProcess {
  readonly url: string;
  /** Its exit code; null: a signal ended it. */
  readonly exit: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** What it has written to its standard output so far. */
  log(): string;
  /** Ends it if it has not ended, and removes what it has written. */
  kill(): Promise<void>;
}

const STARTED_WITHIN = 60_000;
const SWC = {
  swcrc: false,
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
} as const;

// Inside the project, so that packages are found; of its own, since two runs may meet.
const build = join(root, '.cache', `service-${process.pid}`);

/** Turns the sources into what Node runs, in a second and without types; {@link removeBuild} takes it away. */
export async function buildService(): Promise<void> {
  for (const path of await readdir(join(root, 'src'), { recursive: true })) {
    if (!/(?<!\.spec)\.ts$/.test(path)) continue;
    const target = join(build, path.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, (await transform(await readFile(join(root, 'src', path), 'utf8'), SWC)).code);
  }
}

export const removeBuild = (): Promise<void> => rm(build, { recursive: true, force: true });

/** @param ready whether to wait until it is; else until it lives */
export const runService = (env: Readonly<Record<string, string>>, { ready = true } = {}): Promise<ServiceProcess> =>
  registered(run(env, ready), 'kill');

async function run(env: Readonly<Record<string, string>>, ready: boolean): Promise<ServiceProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-process-'));
  const postgres = await startPostgres();
  const port = await freePort();
  const child = spawn(process.execPath, [join(build, 'main.js')], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LOG_LEVEL: 'fatal',
      DATABASE_URL: postgres.url,
      DATA_DIR: join(folder, 'data'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [complaint, log] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const url = `http://127.0.0.1:${port}`;
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const at = `${url}/health/${ready ? 'ready' : 'live'}`;
  for (const end = Date.now() + STARTED_WITHIN; ; await sleep(25)) {
    if ((await fetch(at).catch(() => null))?.ok) break;
    if (child.exitCode === null && Date.now() < end) continue;
    await kill();
    throw new Error(`the service did not start: ${complaint}`);
  }
  return { url, exit, kill, log: () => log, signal: (name) => void child.kill(name) };
}

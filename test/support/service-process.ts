import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transform } from '@swc/core';
import { startProcess } from '../../scripts/started-process.mjs';
import { startPostgres } from './postgres-server.js';
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

const STARTED_WITHIN = 180_000;
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
export const build = join(root, '.cache', `service-${process.pid}`);

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
  const cleanUp = async (): Promise<void> => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const setup = {
    entry: join(build, 'main.js'),
    cwd: folder,
    env: {
      LOG_LEVEL: 'fatal',
      LOGIN_LIMITS: 'off',
      DATABASE_URL: postgres.url,
      DATA_DIR: join(folder, 'data'),
      ...env,
    },
    readyAt: `/health/${ready ? 'ready' : 'live'}`,
    readyWithin: STARTED_WITHIN,
  };
  const service = await startProcess(setup).catch(async (error: unknown) => {
    await cleanUp();
    throw error;
  });
  return {
    url: service.url,
    exit: service.exit.then(({ code }) => code),
    log: () => service.log(),
    signal: (name) => void service.child.kill(name),
    kill: async () => {
      await service.kill();
      await cleanUp();
    },
  };
}

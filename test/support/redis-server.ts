import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../scripts/started-process.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';
import { eventually } from './eventually.js';
import { registered } from './registry.js';

export { freePort };

export interface RedisServerOptions {
  /** A free one by default; give that of a killed server to have it back in its place. */
  readonly port?: number;
  readonly password?: string;
  /** Further arguments of redis-server, such as `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /**
   * Arguments that name one more port, such as `--cluster-port` or `--tls-port`: each gets a free one, another one when
   * somebody was quicker to take it, and {@link RedisServer.ports} tells which.
   */
  readonly freePorts?: readonly string[];
  /** Lines of a configuration file, which a Sentinel must have. */
  readonly config?: readonly string[];
  /** What INFO is called there, where `args` give it another name. */
  readonly info?: string;
}

/** A real Redis server of a test's own: empty, on loopback, without persistence, gone with the test process. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** By the argument that names it; see {@link RedisServerOptions.freePorts}. */
  readonly ports: Readonly<Record<string, number>>;
  readonly pid: number;
  /** For what a test wants to see or set behind the library's back. */
  readonly client: Redis;
  stop(): Promise<void>;
  /** As by `kill -9`: connections are cut, nothing is said. */
  kill(): Promise<void>;
  /** Hangs: connections stay, and new ones are accepted by the kernel, but nothing answers. */
  pause(): void;
  resume(): void;
}

const HOST = '127.0.0.1';
const START_TRIES = 5;
const READY_WITHIN = 60_000;

/** @throws Error when no server could be started; `scripts/ensure-system.mjs` provides the program */
export const startRedis = (options: RedisServerOptions = {}): Promise<RedisServer> =>
  registered(start(options), 'stop');

/** A Redis Cluster of one node that has all slots and answers for them. */
export async function startRedisCluster(): Promise<RedisServer> {
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', HOST];
  const node = await startRedis({ args, freePorts: ['--cluster-port'] });
  await node.client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await eventually(async () => String(await node.client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  return node;
}

async function start(options: RedisServerOptions): Promise<RedisServer> {
  const { port, password, args = [], freePorts = [], config, info = 'INFO' } = options;
  const binary = toolPath('redis-server');
  let output = '';
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const at = port ?? (await freePort());
    const ports: Record<string, number> = {};
    for (const name of freePorts) ports[name] = await freePort();
    const more = Object.entries(ports).flatMap(([name, number]) => [name, String(number)]);
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const where = ['--port', String(at), '--bind', HOST, '--save', '', '--appendonly', 'no', '--daemonize', 'no'];
    if (config) writeFileSync(join(folder, 'redis.conf'), config.join('\n'));
    const file = config ? [join(folder, 'redis.conf')] : [];
    const lock = password ? ['--requirepass', password] : [];
    const child = spawn(binary, [...file, ...where, ...lock, ...more, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: folder,
    });
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const guard = killWithUs(child);
    if (await isReady(at, password, child, info)) return serverOf(child, guard, { port: at, ports }, password);
    guard.kill();
    child.kill('SIGKILL');
  }
  throw new Error(`redis-server did not start:\n${output}`);
}

/** A shell that waits for our end of its input: it closes however we end, by `kill -9` too. */
function killWithUs({ pid }: ChildProcess): ChildProcess {
  const guard = spawn('sh', ['-c', `read -r _; kill -9 ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}

async function isReady(
  port: number,
  password: string | undefined,
  child: ChildProcess,
  info: string,
): Promise<boolean> {
  const probe = new Redis({
    host: HOST,
    port,
    password,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  probe.on('error', () => undefined);
  try {
    for (const until = Date.now() + READY_WITHIN; Date.now() < until && child.exitCode === null; await sleep(10)) {
      const pid = await probe.connect().then(
        async () => /process_id:(\d+)/.exec(String(await probe.call(info, 'server')))?.[1],
        () => undefined,
      );
      // Another server may have taken the port between our look and our start.
      if (pid !== undefined) return Number(pid) === child.pid;
    }
    return false;
  } finally {
    probe.disconnect();
  }
}

function serverOf(
  child: ChildProcess,
  guard: ChildProcess,
  { port, ports }: Pick<RedisServer, 'port' | 'ports'>,
  password?: string,
): RedisServer {
  const client = new Redis({ host: HOST, port, password, enableReadyCheck: false });
  client.on('error', () => undefined);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    guard.kill('SIGKILL');
    client.disconnect();
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    // A paused process takes the signal when it goes on.
    child.kill('SIGCONT');
    await once(child, 'exit');
  };
  return {
    url: `redis://${HOST}:${port}`,
    port,
    ports,
    pid: child.pid!,
    client,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

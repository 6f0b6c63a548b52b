import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, until } from '../../scripts/started-process.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';

export { freePort, until };

const HOST = '127.0.0.1';
const READY_WITHIN = 10_000;
const START_TRIES = 3;
const NO_PERSISTENCE = ['--save', '', '--appendonly', 'no'];

/**
 * A real Redis server on loopback in a folder of its own. It can be killed and brought back: `start()` again, with the
 * same port and folder.
 */
export class RedisServer {
  /** @param {{ args?: string[] }} options further arguments of redis-server */
  constructor({ args = NO_PERSISTENCE } = {}) {
    this.args = args;
    this.folder = mkdtempSync(join(tmpdir(), 'keyturn-redis-'));
  }

  get url() {
    return `redis://${HOST}:${this.port}`;
  }

  /** @param {string[]} args further ones, for this start alone */
  async start({ args = [], waitUntilLoaded = true } = {}) {
    this.port ??= await freePort();
    const where = ['--port', String(this.port), '--bind', HOST, '--dir', this.folder, '--daemonize', 'no'];
    this.child = spawn(toolPath('redis-server'), [...this.first(), ...where, ...this.args, ...args], {
      stdio: 'ignore',
    });
    this.exit = once(this.child, 'exit');
    this.guard = killWithUs(this.child.pid);
    this.client?.disconnect();
    this.client = new Redis({ host: HOST, port: this.port, enableReadyCheck: false, retryStrategy: () => 20 });
    this.client.on('error', () => undefined);
    if (waitUntilLoaded)
      await Promise.race([this.answers(), this.exit.then(() => Promise.reject(new Error('redis-server ended')))]);
    return this;
  }

  /** Another server may have taken the port: it would answer, too. */
  answers() {
    const isOurs = async () => (await this.number('server', 'process_id')) === this.child.pid;
    const answers = async () => (await this.client.ping()) === 'PONG' && isOurs();
    return until(`redis-server on ${this.port}`, answers, READY_WITHIN);
  }

  /** Arguments that must stand first: the configuration file of a Sentinel. */
  first() {
    return [];
  }

  /** As by `kill -9`. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.exit;
    this.guard.kill('SIGKILL');
  }

  /** Hangs: connections stay, the kernel takes new ones, nothing answers. */
  hang() {
    this.child.kill('SIGSTOP');
  }

  resume() {
    this.child.kill('SIGCONT');
  }

  async number(section, name) {
    return Number(new RegExp(`${name}:(\\d+)`).exec(await this.client.info(section))?.[1]);
  }

  async stop() {
    this.client?.disconnect();
    if (this.child) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * A server at a port that nobody else has taken between our look and its start.
 * @param {{ args?: string[] | (() => Promise<string[]>) }} options a function where the arguments name another port
 */
export async function startRedis({ args } = {}) {
  for (let tries = 1; ; tries += 1) {
    const server = new RedisServer({ args: typeof args === 'function' ? await args() : args });
    try {
      return await server.start();
    } catch (error) {
      await server.stop();
      if (tries === START_TRIES) throw error;
    }
  }
}

/** A shell that waits for our end of its input: it closes however we end, by `kill -9` too. */
function killWithUs(pid) {
  const guard = spawn('sh', ['-c', `read -r _; kill -9 ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  guard.stdin.unref();
  return guard;
}

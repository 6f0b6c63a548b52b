import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../scripts/started-process.mjs';
import { root } from '../scripts/root.mjs';
import { toolPath } from '../scripts/system-tools.mjs';

const HOST = '127.0.0.1';
const READY_WITHIN = 10_000;

/** A Redis server of our own: empty, on a free port of this machine, without persistence, gone with this process. */
export async function startRedis() {
  execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'redis-server'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const port = await freePort();
  const args = ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no'];
  const child = spawn(toolPath('redis-server'), args, { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  const client = new Redis({ port, host: HOST, lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  for (
    const until = Date.now() + READY_WITHIN;
    !(await client.connect().then(
      () => true,
      () => false,
    ));
  ) {
    if (Date.now() > until || child.exitCode !== null) throw new Error('redis-server did not start');
    await sleep(20);
  }
  const number = async (section, name) => Number(new RegExp(`${name}:([\\d.]+)`).exec(await client.info(section))[1]);
  return {
    url: `redis://${HOST}:${port}`,
    client,
    /** Microseconds of CPU since its start. */
    cpu: async () => ((await number('cpu', 'used_cpu_user')) + (await number('cpu', 'used_cpu_sys'))) * 1e6,
    usedMemory: () => number('memory', 'used_memory'),
    commands: () => number('stats', 'total_commands_processed'),
    stop: async () => {
      client.disconnect();
      child.kill();
      await once(child, 'exit');
    },
  };
}

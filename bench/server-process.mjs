import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { nodeOnServerCore } from './machine.mjs';

/** Every server has it, as a host that follows the docs and as the service do, so that ratios tell of nothing else. */
const keepTicksFast = `--import=${new URL('auth.tick-shape.js', build)}`;

/**
 * Starts one of `servers/` in a process of its own, on the server's core.
 * @param config handed over as JSON
 * @returns what the server said when it was ready, `cpu()` in microseconds since its start, and `stop()`
 */
export async function startServer(file, config) {
  const flags = [...(process.env.BENCH_NODE_FLAGS?.split(' ') ?? []), ...(config.flags ?? [])];
  const path = fileURLToPath(new URL(`servers/${file}`, import.meta.url));
  const keep = config.slowTicks ? [] : [keepTicksFast];
  const [command, args] = nodeOnServerCore([...flags, ...keep, path, JSON.stringify(config)]);
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
  ended.catch(() => undefined);
  const [ready] = await Promise.race([once(child, 'message'), ended]);
  return {
    ...ready,
    cpu: async () => {
      child.send('cpu');
      const [usage] = await Promise.race([once(child, 'message'), ended]);
      return usage;
    },
    stop: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { nodeOnServerCore } from './machine.mjs';
import { printTable } from './table.mjs';

/** What a `process.nextTick` costs after a full garbage collection, without and with what `auth.tick-shape.ts` keeps. */
export async function ticks() {
  const server = fileURLToPath(new URL('servers/ticks.mjs', import.meta.url));
  const nanoseconds = (config) => {
    const [command, args] = nodeOnServerCore(['--expose-gc', server, JSON.stringify(config)]);
    return execFileSync(command, args, { encoding: 'utf8' }).trim();
  };
  const module = new URL('auth.tick-shape.js', build).href;
  printTable('One process.nextTick, nanoseconds', [
    { process: 'as it starts', ns: nanoseconds({}) },
    { process: 'after a full garbage collection', ns: nanoseconds({ collect: true }) },
    { process: 'the same, with one tick object kept', ns: nanoseconds({ module, collect: true }) },
  ]);
}

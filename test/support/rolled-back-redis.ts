import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type RedisServer } from './redis-server.js';

/** A Redis server that can go back in time: to what it held when it was saved. */
export interface RolledBackRedis {
  /** Another one after each {@link fallBack}. */
  readonly server: RedisServer;
  save(): Promise<void>;
  /** Killed, and started again with the older dump. */
  fallBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRolledBackRedis(): Promise<RolledBackRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-dump-'));
  const args = ['--dir', folder];
  let server = await startRedis({ args });
  return {
    get server() {
      return server;
    },
    save: async () => void (await server.client.save()),
    fallBack: async () => {
      await server.kill();
      server = await startRedis({ port: server.port, args });
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

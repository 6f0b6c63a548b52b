import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { AuthConfigError } from '../../index.js';

/** Bytes. Node cuts a longer socket path off without a word; macOS has 103 and the closing zero, Linux 4 more. */
const LONGEST_SOCKET_PATH = 103;

const CLAIM = /^lock\.(?<kernel>[0-9a-f]{8})\.\d+\.[0-9a-f]{12}$/;

/** The kernel a claim's process runs on; null for every file that is no claim. */
export const kernelOf = (fileName: string): string | null => CLAIM.exec(fileName)?.groups?.kernel ?? null;

/**
 * Tells kernels apart. Containers of one machine have one kernel, other host names and the same process ids, so neither
 * of these will do; where the boot has no id (macOS), the host name is the nearest thing.
 */
export async function currentKernel(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  return createHash('sha256').update(boot.trim()).digest('hex').slice(0, 8);
}

/** A listening socket in a folder, under a name that no other claim has had or will have. */
export class Claim {
  private constructor(
    private readonly path: string,
    private readonly server: Server,
  ) {}

  static async show(folder: string, kernel: string): Promise<Claim> {
    const path = join(folder, `lock.${kernel}.${process.pid}.${randomBytes(6).toString('hex')}`);
    const server = createServer((socket) => socket.destroy()).listen(socketPath(`${path}.new`));
    await once(server, 'listening');
    server.unref();
    // Renamed when it listens: between bind and listen it refuses connections, and would be taken for a dead one.
    await rename(`${path}.new`, path);
    return new Claim(path, server);
  }

  owns(path: string): boolean {
    return path === this.path;
  }

  /** Shows other machines that the holder lives; false when another has removed the claim. */
  async beat(): Promise<boolean> {
    const now = new Date();
    return utimes(this.path, now, now).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
  }

  /** Removed before it stops listening, so that nobody finds it dead. */
  async withdraw(): Promise<void> {
    await rm(this.path, { force: true });
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** Whether a process listens at a claim: refused means that it is dead; all else, such as a full line, that it lives. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(path));
    socket.once('connect', () => resolve(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
    socket.once('connect', () => socket.destroy());
  });
}

function socketPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  const shorter = fromHere.length < path.length ? fromHere : path;
  if (Buffer.byteLength(shorter) <= LONGEST_SOCKET_PATH) return shorter;
  throw new AuthConfigError(
    `DATA_DIR has too long a path for the socket that locks it: ${shorter} has more than ${LONGEST_SOCKET_PATH} bytes.`,
  );
}

import { AuthConfigError } from '../../index.js';

/** Node's permission model, which its types do not know. */
interface Permission {
  has(scope: string): boolean;
}

/**
 * Loads what hashes passwords. Threads and native code may be missing where all else runs: such a service would be ready,
 * and answer 500 to each login. A thread that hashes one for a trial would cost a tenth of the start.
 * @throws AuthConfigError that says what to do
 */
export async function assertHashing(): Promise<void> {
  const { permission } = process as { permission?: Permission };
  if (permission && !permission.has('worker')) throw refused('this process may have no threads', permission);
  try {
    await Promise.all([import('@node-rs/argon2'), import('@node-rs/bcrypt')]);
  } catch (error) {
    throw refused((error as Error).message, permission, error);
  }
}

function refused(reason: string, permission?: Permission, cause?: unknown): AuthConfigError {
  const advice = permission ? 'node --permission needs --allow-worker and --allow-addons as well' : INSTALL;
  return new AuthConfigError(`passwords cannot be hashed: ${reason}; ${advice}`, { cause });
}

const INSTALL =
  'where node_modules was installed on another system, or without optional packages, install it on this one ' +
  `(${process.platform}-${process.arch}) with npm ci`;

import { AuthConfigError } from '../../index.js';
import { HashThreads } from './hash-threads.js';

/** As cheap as a hash can be. */
const LEAST_COST = { memoryCost: 8, timeCost: 1, parallelism: 1 };

/**
 * Makes one hash, as each login does. Threads and native code may be missing where all else runs: such a service would
 * be ready, and answer 500 to each login.
 * @param program the compiled `hash-thread.ts`
 * @throws AuthConfigError that says what to do
 */
export async function assertHashing(program: string): Promise<void> {
  const threads = new HashThreads(program);
  try {
    await threads.perform({ password: '', cost: LEAST_COST });
  } catch (error) {
    throw new AuthConfigError(`passwords cannot be hashed: ${whyNot((error as Error).message)}`, { cause: error });
  } finally {
    await threads.close();
  }
}

/** Native code that is for another system, or may not be loaded, is reported alike: the package tries all that it knows. */
function whyNot(message: string): string {
  // Only there with Node's permission model; its types do not say so.
  if ((process as Partial<typeof process>).permission)
    return `${message}; node --permission needs --allow-worker and --allow-addons as well`;
  if (!message.includes('native binding')) return message;
  return (
    '@node-rs/argon2 has no native code that runs here; where node_modules was installed on another system, or without ' +
    `optional packages, install it on this one (${process.platform}-${process.arch}) with npm ci`
  );
}

import { sessions } from './sessions';

/** Next.js calls it when the server starts. Without secrets there is no start: not one that only fails later. */
export function register(): void {
  // Next.js makes this file for its edge runtime, too, which has no process to end.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    try {
      sessions();
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    }
  }
}

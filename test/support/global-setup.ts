import { execFileSync } from 'node:child_process';

/** Provides Redis before the first test. A missing server fails the run: a skipped fault test protects nobody. */
export default function globalSetup(): void {
  execFileSync(process.execPath, ['scripts/ensure-redis.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

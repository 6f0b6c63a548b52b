import { execFileSync } from 'node:child_process';

/**
 * Provides the programs that tests start, before the first test. A missing one fails the run: a skipped fault test
 * protects nobody. What it does to this machine it says on standard error.
 */
export default function globalSetup(): void {
  const postgres = process.env.DATABASE_URL_TEST ? [] : ['postgres'];
  execFileSync(process.execPath, ['scripts/ensure-system.mjs', 'redis-server', 'openssl', 'curl', 'zsh', ...postgres], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

import { execFileSync } from 'node:child_process';

/** Provides the servers before the first test. A missing one fails the run: a skipped fault test protects nobody. */
export default function globalSetup(): void {
  const scripts = [
    'scripts/ensure-redis.mjs',
    ...(process.env.DATABASE_URL_TEST ? [] : ['scripts/ensure-postgres.mjs']),
  ];
  for (const script of scripts) execFileSync(process.execPath, [script], { stdio: ['ignore', 'ignore', 'inherit'] });
}

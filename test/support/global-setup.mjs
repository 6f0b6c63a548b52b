import { execFileSync } from 'node:child_process';
import { startPostgresServer } from './postgres-process.mjs';

/**
 * Provides the programs that tests start, before the first test. A missing one fails the run: a skipped fault test
 * protects nobody. What it does to this machine it says on standard error.
 *
 * Then starts one PostgreSQL for the whole run, on which every test makes databases of its own; nobody waits for it who
 * does not need it.
 */
export default async function globalSetup() {
  const given = Boolean(process.env.DATABASE_URL_TEST);
  const tools = ['redis-server', 'openssl', 'curl', 'zsh', ...(given ? [] : ['postgres'])];
  execFileSync(process.execPath, ['scripts/ensure-system.mjs', ...tools], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (given) return;
  const server = await startPostgresServer();
  process.env.DATABASE_URL_TEST = server.url;
  globalThis.stopSharedPostgres = server.stop;
}

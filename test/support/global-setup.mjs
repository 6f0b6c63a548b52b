import { execFileSync } from 'node:child_process';
import { root } from '../../scripts/root.mjs';
import { buildEqualHashThread, buildHashThread } from './hash-thread.mjs';
import { startPostgresServer } from './postgres-process.mjs';

/**
 * Provides the programs that tests start, before the first test. A missing one fails the run: a skipped fault test
 * protects nobody. What it does to this machine it says on standard error.
 *
 * Services hash passwords on threads, as they do in production: on the thread of the tests a hash would hold up all else.
 *
 * Then starts one PostgreSQL for the whole run, on which every test makes databases of its own; nobody waits for it who
 * does not need it.
 */
export default async function globalSetup() {
  const given = Boolean(process.env.DATABASE_URL_TEST);
  const tools = ['redis-server', 'openssl', 'curl', 'zsh', ...(given ? [] : ['postgres'])];
  execFileSync(process.execPath, ['scripts/ensure-system.mjs', ...tools], { stdio: ['ignore', 'ignore', 'inherit'] });
  // Of this run alone: two may meet.
  process.env.HASH_THREAD_TEST = `${root}.cache/hash-thread-${process.pid}.mjs`;
  process.env.EQUAL_HASH_THREAD_TEST = `${root}.cache/equal-hash-thread-${process.pid}.mjs`;
  await buildHashThread(process.env.HASH_THREAD_TEST);
  await buildEqualHashThread(process.env.EQUAL_HASH_THREAD_TEST);
  if (given) return;
  const server = await startPostgresServer();
  process.env.DATABASE_URL_TEST = server.url;
  globalThis.stopSharedPostgres = server.stop;
}

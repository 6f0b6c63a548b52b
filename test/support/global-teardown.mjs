import { rm } from 'node:fs/promises';

export default async function globalTeardown() {
  await rm(process.env.HASH_THREAD_TEST, { force: true });
  await globalThis.stopSharedPostgres?.();
}

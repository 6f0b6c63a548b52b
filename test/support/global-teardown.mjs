import { rm } from 'node:fs/promises';

export default async function globalTeardown() {
  for (const program of [process.env.HASH_THREAD_TEST, process.env.EQUAL_HASH_THREAD_TEST])
    await rm(program, { force: true });
  await globalThis.stopSharedPostgres?.();
}

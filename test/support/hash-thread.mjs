import { build } from 'esbuild';
import { root } from '../../scripts/root.mjs';

/**
 * Makes the program of the threads that hash passwords, which Node runs without Jest.
 * @param {string} outfile inside the project, where the program finds its packages
 */
export const buildHashThread = (outfile) =>
  build({
    entryPoints: [`${root}src/service/accounts/hash-thread.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });

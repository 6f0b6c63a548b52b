import { build } from 'esbuild';
import { root } from '../../scripts/root.mjs';

const options = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
};

/**
 * Makes the program of the threads that hash passwords, which Node runs without Jest.
 * @param {string} outfile inside the project, where the program finds its packages
 */
export const buildHashThread = (outfile) =>
  build({ ...options, entryPoints: [`${root}src/service/accounts/hash-thread.ts`], outfile });

/**
 * The same without giving way to others, for tests about something else: on a machine with much else to do a thread that
 * gives way is hardly ever let in.
 * @param {string} outfile inside the project
 */
export const buildEqualHashThread = (outfile) =>
  build({
    ...options,
    stdin: {
      contents: `import { serveHashes } from './src/service/accounts/serve-hashes.ts';\nserveHashes();\n`,
      resolveDir: root,
    },
    outfile,
  });

// Imported before what imports packages: without them Node's loader fails with a page of its own functions.
import { existsSync } from 'node:fs';
import { root } from './root.mjs';

const NEEDED = ['@nestjs/cli', 'esbuild', 'typescript'];

if (NEEDED.some((name) => !existsSync(`${root}node_modules/${name}`))) {
  console.error('The packages that build Keyturn are not installed: run `npm ci`, without --omit=dev.');
  process.exit(1);
}

// In this repository `keyturn` is what `npm run package` has made, copied as npm would install it. Your application needs
// no such file: `npm install keyturn`.
import { cpSync, existsSync } from 'node:fs';

const made = new URL('../../dist/package', import.meta.url);
const installed = new URL('node_modules/keyturn', import.meta.url);
if (!existsSync(made)) throw new Error('There is no dist/package: run `npm run build && npm run package` in the root.');
cpSync(made, installed, { recursive: true, force: true });
